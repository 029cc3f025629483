import { randomUUID, sign } from 'node:crypto'
import { signatureForm } from '../issuers/check-signature.js'
import type { ClientAuthentication } from '../issuers/introspector.js'

type PrivateKeyJwt = Extract<ClientAuthentication, { readonly method: 'private_key_jwt' }>

/** Who asks whom, and when, in seconds since the epoch. */
interface Assertion {
  readonly clientId: string
  readonly issuer: string
  readonly now: number
}

const LIFETIME_SECONDS = 60

/**
 * Makes the JWT by which a client proves itself once. Its audience is the issuer and nothing else, so that no endpoint to which
 * it is sent can use it elsewhere.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-rfc7523bis/ | what updates it} for `typ` and the audience
 */
export function signClientAssertion(
  { key, kid, algorithm }: PrivateKeyJwt,
  { clientId, issuer, now }: Assertion,
): string {
  const iat = Math.floor(now)
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat, exp: iat + LIFETIME_SECONDS }
  const header = { alg: algorithm, typ: 'client-authentication+jwt', ...(kid !== undefined && { kid }) }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const { hash, ...form } = signatureForm(algorithm)
  return `${text}.${sign(hash, Buffer.from(text), { key, ...form }).toString('base64url')}`
}

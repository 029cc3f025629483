import { sign, type KeyObject } from 'node:crypto'
import type { BenchAlgorithm } from './keys.js'

export const issuer = 'https://login.example.com'
export const audience = 'https://api.example.com'

export interface Signer {
  readonly kid: string
  readonly algorithm: BenchAlgorithm
  readonly key: KeyObject
}

type Members = Readonly<Record<string, unknown>>

/** Far more than any run takes, so that tokens on disk stay good. */
const LIFETIME_SECONDS = 10 * 365 * 86_400

/** One of many issuers. */
export function tenantIssuer(index: number): string {
  return `${issuer}/tenant-${String(index).padStart(6, '0')}`
}

/** The claims of an access token as large issuers make them (RFC 9068); signed with RSA it has about 900 characters. */
export function claimsOf(index: number, now: number): Members {
  const number = String(index).padStart(12, '0')
  return {
    iss: issuer,
    sub: `auth0|5f7c8ec7c33c${number}`,
    aud: audience,
    client_id: 'my-client-application-1',
    azp: 'my-client-application-1',
    jti: `b1d7f0a4-3c55-4f7e-9a6d-${number}`,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    scope: 'openid profile orders:read orders:write invoices:read',
    org_id: 'org_9ybsU1dN2dKfDkBi',
  }
}

export function headerOf({ algorithm, kid }: { algorithm: BenchAlgorithm; kid: string }): Members {
  return { alg: algorithm, typ: 'at+jwt', kid }
}

/** Signs with node:crypto at once: it is the issuer here, and what it makes is judged by every contender's audit. */
export function signToken(header: Members, claims: Members, { algorithm, key }: Signer): string {
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(input, 'latin1'), {
    key,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

function encode(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

import type { ProfileName } from '../../../src/tokens/profiles/index.js'
import { AuthError } from '../../../src/errors.js'
import { createAuthenticator, type Authenticator } from '../../../src/authenticator.js'
import { forgeToken, signer } from '../../kit/forge.js'

type Members = Readonly<Record<string, unknown>>

export const ISSUER = 'https://issuer.example.com/'
const NOW = 1_800_000_000
const SECRET = Buffer.alloc(32, 7)
const jwks = { keys: [{ kty: 'oct', k: SECRET.toString('base64url') }] }
const sign = signer('HS256', SECRET)
const authenticators = new Map<string, Authenticator>()

function authenticatorFor(profile: ProfileName, audience: readonly string[]): Authenticator {
  const name = JSON.stringify([profile, audience])
  const known = authenticators.get(name)
  if (known !== undefined) return known
  const authenticator = createAuthenticator({
    issuer: { issuer: ISSUER, jwks, algorithms: ['HS256'] },
    profile,
    audience,
    clock: () => NOW * 1000,
    verifiedTokenCache: false,
  })
  authenticators.set(name, authenticator)
  return authenticator
}

/** What a token of these claims allows, by a profile: who, where and what; or why it is refused. */
export async function readAuthorityBy(
  profile: ProfileName,
  claims: Members,
  audience: readonly string[] = ['api'],
): Promise<object> {
  const header = { alg: 'HS256', typ: 'at+jwt' }
  const all = { iss: ISSUER, sub: 'user-1', jti: 'x', iat: NOW, exp: NOW + 300, ...claims }
  try {
    const { auth } = await authenticatorFor(profile, audience).verifyToken(forgeToken(header, all, sign))
    const { clientId, scopes, roles, permissions } = auth
    return { clientId, audience: auth.audience, scopes, roles, permissions }
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return { code: error.code, ...(error.detail !== undefined && { detail: error.detail }) }
  }
}

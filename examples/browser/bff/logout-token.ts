import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import type { OAuthClient } from '../oauth-client.js'
import { loopbackFetch } from '../stage/loopback-fetch.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const LONGEST_AGE_SECONDS = 120

/**
 * Reads the provider's word that a session of its has ended, and answers that session's `sid`. It throws for anything
 * that is not such a word, for this client, fresh, and said for the first time (OpenID Connect Back-Channel Logout §2.6).
 */
export function createLogoutTokenReader(oauth: OAuthClient): (token: string) => Promise<string> {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined
  const seen = new Map<string, number>()

  return async (token) => {
    const { issuer, jwks_uri = '' } = await oauth.provider()
    keys ??= createRemoteJWKSet(new URL(jwks_uri), { [customFetch]: loopbackFetch })
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: oauth.client.client_id,
      // An ID token of the same provider is for the same audience: its type tells it apart.
      typ: 'logout+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['iat', 'exp', 'jti', 'events', 'sid'],
      maxTokenAge: LONGEST_AGE_SECONDS,
    })
    const { events, nonce, sid, jti = '' } = payload
    if (typeof events !== 'object' || events === null || !Object.hasOwn(events, EVENT))
      throw new Error('no logout event')
    if (nonce !== undefined) throw new Error('a logout token has no nonce')
    if (typeof sid !== 'string') throw new Error('"sid" is not a text')

    const now = Date.now()
    for (const [id, until] of seen) if (until < now) seen.delete(id)
    if (seen.has(jti)) throw new Error('it was said before')
    seen.set(jti, now + LONGEST_AGE_SECONDS * 1000)
    return sid
  }
}

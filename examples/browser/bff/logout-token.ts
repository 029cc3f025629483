import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { OAuthClient } from '../oauth-client.js'
import { loopbackFetch } from '../stage/loopback-fetch.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const LONGEST_AGE_SECONDS = 120

/** The provider's word that a session of its has ended: the one that it calls `sid`, or every one of a user, by `sub`. */
export interface LogoutToken {
  readonly sid?: string | undefined
  readonly sub?: string | undefined
  /** From now on this token is no longer good. To be called when what it says is done. */
  done(): void
}

/**
 * Reads a logout token, undefined for anything that is not one, for this client, fresh, and not yet done (OpenID Connect
 * Back-Channel Logout §2.6). It rejects where that cannot be told, because the provider's keys cannot be had.
 */
export function createLogoutTokenReader(oauth: OAuthClient): (token: string) => Promise<LogoutToken | undefined> {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined
  const isDone = new LRUCache<string, true>({ max: 10_000, ttl: LONGEST_AGE_SECONDS * 1000 })

  return async (token) => {
    const { issuer, jwks_uri = '' } = await oauth.provider()
    keys ??= createRemoteJWKSet(new URL(jwks_uri), { [customFetch]: loopbackFetch })
    let payload: JWTPayload
    try {
      const rules = {
        issuer,
        audience: oauth.client.client_id,
        // An ID token of the same provider is for the same audience: its type tells it apart.
        typ: 'logout+jwt',
        algorithms: ['RS256'],
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        maxTokenAge: LONGEST_AGE_SECONDS,
      }
      payload = (await jwtVerify(token, keys, rules)).payload
    } catch (error) {
      if (isVerdict(error)) return undefined
      throw error
    }
    const said = readClaims(payload)
    if (said === undefined || isDone.has(said.jti)) return undefined
    return {
      ...said,
      done() {
        isDone.set(said.jti, true)
      },
    }
  }
}

/** What §2.4 asks for, beyond what is asked of every JWT. */
function readClaims({ events, nonce, sid, sub, jti }: JWTPayload) {
  const isLogout = isObject(events) && Object.hasOwn(events, EVENT) && isObject(events[EVENT])
  if (!isLogout || nonce !== undefined || !isText(jti)) return undefined
  const names = [sid, sub].filter((name) => name !== undefined)
  if (names.length === 0 || !names.every(isText)) return undefined
  return { jti, sid: isText(sid) ? sid : undefined, sub }
}

/** Whether this says something of the token, and not of the keys. */
function isVerdict(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== errors.JOSEError.code
  )
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

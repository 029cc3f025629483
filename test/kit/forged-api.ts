import type { RequireAuthOptions } from 'express-resource-server'
import { forgeToken, signer, type Content, type ForgeKey } from './forge.js'
import { createKeyEndpoint, type KeyEndpoint } from './key-endpoint.js'
import { createApi, type Api } from './api.js'

export const ISSUER = 'https://issuer.example.com'
export const AUDIENCE = 'https://api.example.com'
/** When everything happens, in seconds: the clock of a forged API stands still. */
export const NOW = 1_800_000_000

/** An API whose issuer's keys are forged. */
export interface ForgedApi extends Api {
  readonly endpoint: KeyEndpoint
}

/** Creates an API that trusts one issuer, which publishes these keys: the JWK of a forged key, or anything, literally. */
export function createForgedApi(keys: readonly unknown[], options: RequireAuthOptions = {}): ForgedApi {
  const endpoint = createKeyEndpoint(ISSUER, keys.map(publishedPart))
  const clock = () => NOW * 1000
  const api = createApi({ issuer: ISSUER, audience: AUDIENCE, fetch: endpoint.fetch, clock, ...options })
  return { ...api, endpoint }
}

function publishedPart(key: unknown): unknown {
  return typeof key === 'object' && key !== null && 'jwk' in key ? key.jwk : key
}

/** The claims of a good RFC 9068 access token, with changes; `undefined` takes a claim out. */
export function accessClaims(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    jti: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    iat: NOW,
    exp: NOW + 300,
    scope: 'orders:read',
    ...changes,
  }
}

/** The header of a good RFC 9068 access token of a key, with changes. */
export function accessHeader(key: ForgeKey, changes: Readonly<Record<string, unknown>> = {}): object {
  return { alg: key.jwk['alg'], kid: key.kid, typ: 'at+jwt', ...changes }
}

/** A token that says of itself that it is signed with an algorithm, and is. */
export function tokenOf(key: ForgeKey, algorithm: string, claims: Content = accessClaims()): string {
  return forgeToken(accessHeader(key, { alg: algorithm }), claims, signer(algorithm, key))
}

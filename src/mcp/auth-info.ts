import type { ResourceMetadata } from '../config/resource-metadata.js'
import type { EffectiveScopes } from '../policy/effective-scopes.js'
import type { Auth } from '../tokens/auth.js'

/**
 * What a verified access token says, in the form of the MCP TypeScript SDK: an `AuthInfo` of its first and of its second
 * version. Handlers of tools see it as `extra.authInfo` and `ctx.http.authInfo`.
 */
export interface McpAuthInfo {
  /** The token itself. Not enumerable, so that no log and no response prints it by accident. Not for other servers. */
  readonly token: string
  readonly clientId: string
  /** The scopes of the token, and those that they imply by the option `scopeHierarchy`. */
  readonly scopes: string[]
  /** In seconds since the epoch. */
  readonly expiresAt: number
  readonly resource: URL
  /** Where a 403 that the SDK writes sends the client. */
  readonly resourceMetadataUrl: string
  readonly extra: McpAuthInfoExtra
}

/** What else a token says; the SDK looks for any name. */
export type McpAuthInfoExtra = Pick<Auth, 'issuer' | 'subject' | 'audience' | 'roles' | 'permissions' | 'claims'> &
  Readonly<Record<string, unknown>>

/** Says what a token says in the form of the SDK. */
export type ToAuthInfo = (auth: Auth) => McpAuthInfo

/** Sets up the form of the SDK for one resource. */
export function createToAuthInfo(
  { resource, url }: Pick<ResourceMetadata, 'resource' | 'url'>,
  effectiveScopes: EffectiveScopes,
): ToAuthInfo {
  return ({ token, clientId, scopes, expiresAt, issuer, subject, audience, roles, permissions, claims }) => {
    const info = {
      clientId,
      scopes: Object.freeze([...effectiveScopes(scopes)]),
      expiresAt,
      // A handler may write to a URL: each request has its own.
      resource: new URL(resource),
      resourceMetadataUrl: url,
      extra: Object.freeze({ issuer, subject, audience, roles, permissions, claims }),
    }
    Object.defineProperty(info, 'token', { value: token, enumerable: false })
    // `token` was just defined, and the scopes are frozen at run time only.
    return Object.freeze(info) as unknown as McpAuthInfo
  }
}

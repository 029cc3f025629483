import type { Scheme } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import type { Binding } from './key-binding.js'

/** What a verified access token says, as frozen plain data. */
export interface Auth<Claims = JsonObject> {
  /** The token itself. Not enumerable, so that no log and no response prints it by accident. */
  readonly token: string
  /** How it was presented. */
  readonly scheme: Scheme
  /** The proof that came with it; undefined for a Bearer token, which needs none. */
  readonly binding: Binding | undefined
  readonly issuer: string
  /** `sub`: unique within the issuer. Undefined for a machine whose provider names no subject. */
  readonly subject: string | undefined
  /** The client that presents the token: `client_id`, `azp`, `appid` or `cid`, or `''` where no claim names it. */
  readonly clientId: string
  readonly audience: string[]
  readonly scopes: string[]
  readonly roles: string[]
  readonly permissions: string[]
  /** `exp`, in seconds since the epoch. */
  readonly expiresAt: number
  /** `iat`, in seconds since the epoch. */
  readonly issuedAt: number | undefined
  /** Every claim, or what the schema in the option `claims` made of them. */
  readonly claims: Claims
  readonly header: JsonObject
}

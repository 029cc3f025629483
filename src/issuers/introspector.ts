import type { KeyObject } from 'node:crypto'
import type { JsonObject } from '../lib/strict-json.js'
import type { Algorithm } from './algorithms.js'

/** How this API proves to an issuer who asks (RFC 6749 §2.3.1, RFC 7523 §2.2, RFC 8705 §2, RFC 7662 §2.1). */
export type ClientAuthentication =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly clientSecret: string }
  | {
      readonly method: 'private_key_jwt'
      readonly key: KeyObject
      readonly kid?: string | undefined
      readonly algorithm: Algorithm
    }
  | { readonly method: 'tls_client_auth' }
  | { readonly method: 'bearer'; readonly token: string | (() => unknown) }

/** How an issuer is asked about tokens. */
export interface IntrospectionSettings {
  readonly clientId: string
  readonly clientAuthentication: ClientAuthentication
  /** Where; without it the issuer's metadata says so. */
  readonly endpoint: string | undefined
  readonly tokens: 'opaque' | 'all'
  /** Undefined where every request asks. */
  readonly cache:
    { readonly seconds: number; readonly negativeSeconds: number; readonly maxEntries: number } | undefined
  readonly signedResponse: 'required' | undefined
}

/** What an issuer says of a token, and nothing of it is checked but that the issuer says so. */
export interface IntrospectionAnswer {
  readonly isActive: boolean
  /** The members of the answer, but for `active`. */
  readonly claims: JsonObject
  /** Until when it may be used, in seconds since the epoch; undefined for one request. */
  readonly holdsUntil: number | undefined
}

/** Asks one issuer about tokens (RFC 7662). */
export interface Introspector {
  /** How verdicts on opaque tokens are remembered; undefined where they are not. */
  readonly cache: { readonly maxEntries: number; readonly maxAgeSeconds: number } | undefined
  /** Whom it asks, and as whom, for the operator. */
  readonly about: string
  /** The name under which a token is known, that nobody else can compute. */
  nameOf(token: string): string
  /** Finds where to ask. @throws {UnavailableError} When that cannot be told. */
  ready(): Promise<void>
  /** @throws {UnavailableError} When the issuer does not say. */
  ask(token: string): Promise<IntrospectionAnswer>
  /** Ends what is under way. */
  close(): void
}

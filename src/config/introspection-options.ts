import type { KeyObject } from 'node:crypto'
import type { Algorithm } from '../issuers/algorithms.js'

/** The client's secret, in the header (form-encoded first, RFC 6749 §2.3.1) or in the body. */
export interface ClientSecret {
  readonly method: 'client_secret_basic' | 'client_secret_post'
  readonly clientSecret: string
}

/** A JWT of the client, with the issuer as its audience (RFC 7523 §2.2). */
export interface PrivateKeyJwt {
  readonly method: 'private_key_jwt'
  /** Of `createPrivateKey` in `node:crypto`, which reads PEM and JWK. */
  readonly key: KeyObject
  /** The name under which the issuer knows the key. */
  readonly kid?: string | undefined
  /** Default: RS256, EdDSA, or the one of the key's curve. */
  readonly algorithm?: Algorithm | undefined
}

/** A certificate of the client (RFC 8705 §2): the option `fetch` presents it, with a dispatcher of its own. */
export interface TlsClientAuth {
  readonly method: 'tls_client_auth'
}

/** An access token of this API (RFC 7662 §2.1). A function gives it each time, now or later. */
export interface BearerToken {
  readonly method: 'bearer'
  readonly token: string | (() => string | PromiseLike<string>)
}

/** How this API proves to the issuer who asks. */
export type ClientAuthenticationOptions = ClientSecret | PrivateKeyJwt | TlsClientAuth | BearerToken

/** How an issuer is asked about tokens that only it can read (RFC 7662). */
export interface IntrospectionOptions {
  /** The client as which this API asks: of its own, with the right to introspect and no other. */
  readonly clientId: string
  readonly clientAuthentication: ClientAuthenticationOptions
  /** Where to ask. Default: the issuer's metadata says so. */
  readonly endpoint?: string | undefined
  /**
   * About which tokens: `'opaque'`, what is no JWT; or `'all'`, a JWT too, after every check of it has passed, so that one that
   * was taken back is refused. Default: `'opaque'`.
   */
  readonly tokens?: 'opaque' | 'all' | undefined
  /** For how long an answer is used. So long a token that was taken back still gets in. Default: each request asks. */
  readonly cache?: IntrospectionCacheOptions | undefined
  /** `'required'`: takes answers that the issuer signed and no others (RFC 9701). Default: both. */
  readonly signedResponse?: 'required' | undefined
}

/** What is remembered of answers. Nothing past a token's `exp`. */
export interface IntrospectionCacheOptions {
  /** How long a token that was active counts as active, in seconds, at most 300. */
  readonly seconds: number
  /** How long one that was not counts as not, in seconds, at most 5. Default: 1. */
  readonly negativeSeconds?: number | undefined
  /** Room for so many active tokens, and for as many of the others, apart. Default: 10,000. */
  readonly maxEntries?: number | undefined
}

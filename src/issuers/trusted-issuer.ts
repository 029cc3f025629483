import type { Algorithm } from './algorithms.js'
import type { IntrospectionSettings, Introspector } from './introspector.js'
import type { KeySet } from './key-set.js'

/** Whom to trust, with which keys. */
export interface IssuerSettings {
  /** The issuer identifier, compared character by character (RFC 8414 §3.3). */
  readonly issuer: string
  readonly algorithms: readonly Algorithm[]
  /** Where the keys are; without it, the issuer's metadata says so. */
  readonly jwksUri?: string | undefined
  /** The keys themselves, instead of fetching any. */
  readonly jwks?: { readonly keys: readonly unknown[] } | undefined
  /** How it is asked about tokens; undefined where it is not. */
  readonly introspection?: IntrospectionSettings | undefined
}

/** An issuer with its keys, and whoever asks it. */
export interface TrustedIssuer<Settings extends IssuerSettings = IssuerSettings> {
  readonly settings: Settings
  readonly keys: KeySet
  /** Where its settings say that it is asked about tokens. */
  readonly introspector?: Introspector | undefined
}

/** The issuers that are trusted, each with keys of its own. */
export interface TrustedIssuers<Settings extends IssuerSettings> {
  /** Finds an issuer by the exact name that an unverified token gives; an unknown one never causes a request. */
  find(issuer: string): TrustedIssuer<Settings> | undefined | Promise<TrustedIssuer<Settings> | undefined>
  /** The names of a fixed list; `undefined` for a lookup. */
  readonly names?: readonly string[] | undefined
  /** Fetches the keys of every issuer on a fixed list, or finds where to ask one that publishes none. */
  ready(): Promise<void>
  close(): void
}

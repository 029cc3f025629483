import type { Auth } from './auth.js'

/** What authorization needs of a token, read from wherever its profile says. */
export interface Authority {
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly actsFor: ActsFor
  readonly namePlaces: NamePlaces
}

/** Whom a token acts for: a user who signed in or consented, or its client alone. Undefined where nothing tells. */
export type ActsFor = 'user' | 'app' | undefined

/** In which claims of a token its roles and permissions were looked for: the keys of each. */
export interface NamePlaces {
  readonly roles: readonly (readonly string[])[]
  readonly permissions: readonly (readonly string[])[]
  /** The claim that says whose the roles are, where that is nobody of this API. */
  readonly foreignRoles?: string
}

/** What a token says whenever it is presented: all but the token itself, and how it is presented. */
export interface TokenFacts extends Readonly<Omit<Auth, 'token' | 'scheme' | 'binding' | keyof Authority>>, Authority {
  /** The thumbprint of the key that it is bound to (RFC 9449 §6): who presents it has to prove that key. */
  readonly boundTo: string | undefined
  /** The thumbprint of the certificate that it is bound to (RFC 8705 §3.1), likewise. */
  readonly boundToCertificate: string | undefined
}

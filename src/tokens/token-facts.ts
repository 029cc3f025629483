import type { Auth } from './auth.js'

/** What authorization needs of a token, read from wherever its profile says. */
export interface Authority {
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** What a token says whenever it is presented: all but the token itself. */
export interface TokenFacts extends Readonly<Omit<Auth, 'token' | keyof Authority>>, Authority {}

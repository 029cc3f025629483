import { createHash, randomBytes } from 'node:crypto'
import type { JsonObject } from '../../lib/strict-json.js'
import type { Person } from './people.js'

/** What somebody agreed to at the sign-in page. */
export interface Consent {
  readonly person: Person
  readonly clientId: string
  readonly audience: string
  readonly scopes: readonly string[] | undefined
  readonly nonce: string | undefined
  readonly signedInAt: number
}

/** What a code is good for. */
export interface PendingCode {
  readonly consent: Consent
  readonly redirectUri: string
  readonly challenge: string
  readonly expiresAt: number
}

/** All tokens that came of one sign-in. */
export interface Family {
  readonly consent: Consent
  /** The key that its refresh tokens are bound to. */
  readonly jkt: string | undefined
  isRevoked: boolean
}

interface Issued {
  readonly claims: JsonObject
  readonly family: Family | undefined
  isRevoked: boolean
}

interface Refreshing {
  readonly family: Family
  isUsed: boolean
}

/** What the issuer has given out, in memory: a restart forgets it. */
export interface Grants {
  readonly addCode: (pending: PendingCode) => string
  /** A code works once. Whoever comes with it again ends what came of it (RFC 6749 §4.1.2). */
  readonly takeCode: (code: string) => PendingCode | undefined
  readonly noteFamily: (code: string, family: Family) => void
  readonly addRefresh: (family: Family) => string
  /** A refresh token works once. Whoever comes with it again ends its family (RFC 9700 §4.14.2). */
  readonly takeRefresh: (token: string) => Family | undefined
  readonly findRefresh: (token: string) => Family | undefined
  readonly noteAccess: (token: string, claims: JsonObject, family?: Family) => void
  /** What an access token says, while nobody took it back. */
  readonly findAccess: (token: string) => JsonObject | undefined
  readonly revoke: (token: string) => void
}

/** How much is remembered of each: the oldest go. */
const MAX = 10_000

/** Creates the memory of an issuer. */
export function createGrants(): Grants {
  const codes = new Map<string, { pending: PendingCode | undefined; family: Family | undefined }>()
  const refreshing = new Map<string, Refreshing>()
  const issued = new Map<string, Issued>()
  return {
    addCode(pending) {
      const code = randomBytes(24).toString('base64url')
      keep(codes, code, { pending, family: undefined })
      return code
    },
    takeCode(code) {
      const entry = codes.get(code)
      if (entry === undefined) return undefined
      const { pending } = entry
      entry.pending = undefined
      if (pending === undefined && entry.family !== undefined) entry.family.isRevoked = true
      return pending
    },
    noteFamily(code, family) {
      const entry = codes.get(code)
      if (entry !== undefined) entry.family = family
    },
    addRefresh(family) {
      const token = randomBytes(32).toString('base64url')
      keep(refreshing, token, { family, isUsed: false })
      return token
    },
    takeRefresh(token) {
      const entry = refreshing.get(token)
      if (entry === undefined) return undefined
      if (entry.isUsed) entry.family.isRevoked = true
      entry.isUsed = true
      return entry.family.isRevoked ? undefined : entry.family
    },
    findRefresh: (token) => refreshing.get(token)?.family,
    noteAccess(token, claims, family) {
      keep(issued, digest(token), { claims, family, isRevoked: false })
    },
    findAccess(token) {
      const entry = issued.get(digest(token))
      return entry === undefined || entry.isRevoked || entry.family?.isRevoked === true ? undefined : entry.claims
    },
    revoke(token) {
      const family = refreshing.get(token)?.family
      if (family !== undefined) family.isRevoked = true
      const entry = issued.get(digest(token))
      if (entry !== undefined) entry.isRevoked = true
    },
  }
}

function keep<Entry>(entries: Map<string, Entry>, key: string, entry: Entry): void {
  entries.set(key, entry)
  const [oldest] = entries.keys()
  if (entries.size > MAX && oldest !== undefined) entries.delete(oldest)
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

import type { IncomingMessage } from 'node:http'
import { ConfigurationError } from '../errors.js'
import type { Authenticator } from '../authenticator.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import { createRequestTable } from './request-table.js'
import type { Refuser } from './send-refusal.js'

/** What an auth middleware found out about a request. */
export interface RequestRecord {
  readonly authenticator: Authenticator
  readonly refuser: Refuser
  /** Undefined for an anonymous request behind `optionalAuth`. */
  readonly verified: VerifiedToken | undefined
}

/** The library's own memory: `req.auth` is for handlers to read, and anybody could have set it. */
const records = createRequestTable<IncomingMessage, RequestRecord>()

function readRecord(req: IncomingMessage): RequestRecord | undefined {
  return records.get(req)
}

/**
 * Reads what an auth middleware found out.
 *
 * @param who - Whoever needs to know, for the error.
 * @param authenticator - The only one whose verdict will do, if not any.
 * @throws {ConfigurationError} When none ran, or that of another server did.
 */
export function requireRecord(req: IncomingMessage, who: string, authenticator?: Authenticator): RequestRecord {
  const record = readRecord(req)
  if (record === undefined) {
    throw new ConfigurationError(
      `${who} needs an auth middleware before it: add app.use(requireAuth()) above the routes, or optionalAuth() where some of them are open.`,
    )
  }
  if (authenticator !== undefined && record.authenticator !== authenticator) {
    throw new ConfigurationError(
      `${who} of one resource server met a request that another one judged: use requireAuth() of the same server above the route.`,
    )
  }
  return record
}

/** A request as handlers see it. What `req.auth` is to the compiler is the application's to say: see the entry `augment`. */
type Shown = IncomingMessage & { auth?: unknown }

/** Remembers a verdict, and shows it to handlers as `req.auth`. */
export function keepRecord(req: Shown, record: RequestRecord): void {
  records.set(req, record)
  if (record.verified === undefined) delete req.auth
  else req.auth = record.verified.auth
}

/** Forgets an earlier verdict, and a `req.auth` that something else set: what follows must not go by either. */
export function dropRecord(req: Shown): void {
  records.delete(req)
  delete req.auth
}

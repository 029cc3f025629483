import type { IncomingMessage } from 'node:http'
import type { ResourceMetadata } from '../config/resource-metadata.js'
import { ConfigurationError } from '../errors.js'
import type { Authenticator } from '../authenticator.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import { createRequestTable } from './request-table.js'
import type { Refuser } from './send-refusal.js'

/** All that this library knows of a request. */
export interface RequestRecord {
  /** What an auth middleware found out, the last one that ran. */
  authentication: Authentication | undefined
  /** The resource that the request is for, where its metadata is published. */
  resource: ResourceMetadata | undefined
  /** What a table of routes judged. */
  judged: Judged | undefined
}

/** What an auth middleware found out about a request. */
export interface Authentication {
  readonly authenticator: Authenticator
  readonly refuser: Refuser
  /** Undefined for an anonymous request behind `optionalAuth`. */
  readonly verified: VerifiedToken | undefined
}

/** The method and the path of a request as they were judged. */
export interface Judged {
  readonly method: string
  readonly path: string
}

/** The library's own memory: `req.auth` is for handlers to read, and anybody could have set it. */
const records = createRequestTable<IncomingMessage, RequestRecord>()

/** Finds the record of a request, if anything was noted. */
export function findRecord(req: IncomingMessage): Readonly<RequestRecord> | undefined {
  return records.get(req)
}

/** The record of a request, to note something in it. */
export function recordOf(req: IncomingMessage): RequestRecord {
  const known = records.get(req)
  if (known !== undefined) return known
  const record: RequestRecord = { authentication: undefined, resource: undefined, judged: undefined }
  records.set(req, record)
  return record
}

/**
 * Reads what an auth middleware found out.
 *
 * @param who - Whoever needs to know, for the error.
 * @param authenticator - The only one whose verdict will do, if not any.
 * @throws {ConfigurationError} When none ran, or that of another server did.
 */
export function requireAuthentication(
  req: IncomingMessage,
  who: string,
  authenticator?: Authenticator,
): Authentication {
  const authentication = records.get(req)?.authentication
  if (authentication === undefined) {
    throw new ConfigurationError(
      `${who} needs an auth middleware before it: add app.use(requireAuth()) above the routes, or optionalAuth() where some of them are open.`,
    )
  }
  if (authenticator !== undefined && authentication.authenticator !== authenticator) {
    throw new ConfigurationError(
      `${who} of one resource server met a request that another one judged: use requireAuth() of the same server above the route.`,
    )
  }
  return authentication
}

/** A request as handlers see it. What `req.auth` is to the compiler is the application's to say: see the entry `augment`. */
type Shown = IncomingMessage & { auth?: unknown }

/** Remembers what was found out, and shows it to handlers as `req.auth`. */
export function keepAuthentication(req: Shown, authentication: Authentication): void {
  recordOf(req).authentication = authentication
  const { verified } = authentication
  if (verified === undefined) delete req.auth
  else req.auth = verified.auth
}

/** Shows handlers something else than what was found out, as another library reads it. `getAuth` goes by the record. */
export function showAuth(req: Shown, auth: unknown): void {
  req.auth = auth
}

/** Forgets what was found out, and a `req.auth` that something else set: what follows must not go by either. */
export function dropAuthentication(req: Shown): void {
  const record = records.get(req)
  if (record !== undefined) record.authentication = undefined
  delete req.auth
}

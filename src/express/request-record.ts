import type { Request } from 'express'
import type { Authenticator } from '../resource-server.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import type { Refuser } from './send-refusal.js'

/** What an auth middleware found out about a request. */
export interface RequestRecord {
  readonly server: Authenticator
  readonly refuser: Refuser
  /** Undefined for an anonymous request behind `optionalAuth`. */
  readonly verified: VerifiedToken | undefined
}

/** The library's own memory: `req.auth` is for handlers to read, and anybody could have set it. */
const records = new WeakMap<Request, RequestRecord>()

export function readRecord(req: Request): RequestRecord | undefined {
  return records.get(req)
}

/** Remembers a verdict, and shows it to handlers as `req.auth`. */
export function keepRecord(req: Request, record: RequestRecord): void {
  records.set(req, record)
  if (record.verified === undefined) delete req.auth
  else req.auth = record.verified.auth
}

/** Forgets an earlier verdict, and a `req.auth` that something else set: what follows must not go by either. */
export function dropRecord(req: Request): void {
  records.delete(req)
  delete req.auth
}

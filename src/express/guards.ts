import type { Request, RequestHandler } from 'express'
import { ConfigurationError } from '../errors.js'
import { claim, type ClaimPath, type ExpectedClaim } from '../policy/claim.js'
import { decide, type Policy } from '../policy/decision.js'
import { role } from '../policy/role.js'
import { anyScope, scope } from '../policy/scope.js'
import { stepUp, type StepUp } from '../policy/step-up.js'
import { resourceMetadataOf } from './protected-resource-metadata.js'
import { readRecord, type RequestRecord } from './request-record.js'

/**
 * Grants a request whose access token a policy grants. Every other guard is a short form of this one.
 *
 * Mount it after {@link requireAuth}: without an auth middleware before it every request ends in a ConfigurationError, and
 * an anonymous one behind `optionalAuth` in 401. A policy that throws ends in a 500, never in the handler.
 *
 * @example
 *   app.post('/refunds', requirePolicy(allOf(scope('refunds:write'), role('clerk'))), refund)
 *   app.get('/reports', requirePolicy((auth) => auth.claims['plan'] === 'pro'), listReports)
 *
 * @throws {ConfigurationError} At start-up, when it is not given a function.
 */
export function requirePolicy(policy: Policy): RequestHandler {
  if (typeof policy !== 'function') {
    throw new ConfigurationError(
      'requirePolicy() takes a policy: scope(...), allOf(...), or a function (auth, req) => boolean.',
    )
  }
  return function guard(req, res, next) {
    const record = readRecord(req)
    if (record === undefined) {
      next(
        new ConfigurationError('A guard ran without an auth middleware: add app.use(requireAuth()) above the routes.'),
      )
      return
    }
    judge(policy, req, record).then(
      (refusal) => {
        if (refusal === undefined) next()
        else record.refuser(refusal, req, res, next)
      },
      (error: unknown) => {
        next(toError(error))
      },
    )
  }
}

/**
 * Grants a request whose access token carries every one of the given scopes.
 *
 * Scopes are compared whole and case-sensitively. This does NOT look at roles or groups; see {@link requireRole}. Several
 * guards in a chain cannot know of each other: put all scopes of an operation into one, so that one 403 names them all.
 *
 * @example
 *   app.get('/invoices', requireAuth(), requireScope('invoices:read'), listInvoices)
 *
 * @param scopes - One or more scope tokens; an empty or malformed one throws at start-up.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 §3.1} for the 403 answer
 */
export function requireScope(...scopes: string[]): RequestHandler {
  return requirePolicy(scope(...scopes))
}

/**
 * Grants a request whose access token carries at least one of the given scopes; a 403 names them all.
 *
 * @example
 *   app.get('/orders', requireAnyScope('orders:read', 'orders:admin'), listOrders)
 */
export function requireAnyScope(...scopes: string[]): RequestHandler {
  return requirePolicy(anyScope(...scopes))
}

/**
 * Grants a request by a claim of its access token: equal to a value, an array that contains it, or as a predicate says.
 *
 * @example
 *   app.use('/eu', requireClaim('https://example.com/region', 'eu'))
 *
 * @see {@link claim} for how paths are read
 */
export function requireClaim(path: ClaimPath, expected: ExpectedClaim): RequestHandler {
  return requirePolicy(claim(path, expected))
}

/**
 * Grants a request whose access token has at least one of the given roles, from wherever the issuer's profile says that
 * roles live.
 *
 * @example
 *   app.delete('/orders/:id', requireRole('manager'), deleteOrder)
 */
export function requireRole(...roles: string[]): RequestHandler {
  return requirePolicy(role(...roles))
}

/**
 * Grants a request whose user signed in strongly and recently enough; the 401 tells the client what to ask the issuer for.
 *
 * @example
 *   app.post('/transfers', requireStepUp({ acr: 'urn:example:mfa', maxAgeSeconds: 300 }), transfer)
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470#section-3 | RFC 9470 §3}
 */
export function requireStepUp(needed: StepUp): RequestHandler {
  return requirePolicy(stepUp(needed))
}

/** Runs a policy on a request: answers the error to refuse it with, or `undefined`. */
async function judge(policy: Policy, req: Request, { server, verified }: RequestRecord): Promise<Error | undefined> {
  const resourceMetadata = resourceMetadataOf(req)
  if (verified === undefined) return server.refuse({ code: 'missing_token' }, undefined, resourceMetadata)
  const { auth, tokenClaims } = verified
  const decision = await decide(policy, auth, req, { ...server.time(), tokenClaims })
  return decision.granted ? undefined : server.refuse(decision, decision, resourceMetadata)
}

/** `next` must get something that counts as an error: Express takes `next(undefined)` for leave to go on. */
function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('A policy threw something that is not an Error.', { cause: error })
}

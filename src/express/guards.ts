import type { Request, RequestHandler } from 'express'
import type { JsonObject } from '../lib/strict-json.js'
import { boundToken } from '../policy/bound-token.js'
import { checkPolicy } from '../policy/check-policy.js'
import { claim, type ClaimPath, type ExpectedClaim } from '../policy/claim.js'
import { describePolicy, type Policy, type PolicyRequest } from '../policy/decision.js'
import { role } from '../policy/role.js'
import { anyScope, scope } from '../policy/scope.js'
import { stepUp, type StepUp } from '../policy/step-up.js'
import { applyPolicy } from './apply-policy.js'
import type { Middleware } from './middleware.js'
import { declareProtection } from './protection.js'
import { requireAuthentication, type Authentication } from './request-record.js'

/**
 * Grants a request whose access token a policy grants. Every other guard is a short form of this one.
 *
 * Mount it after {@link requireAuth}: without an auth middleware before it every request ends in a ConfigurationError, and
 * an anonymous one behind `optionalAuth` in 401. A policy that throws ends in a 500, one that does not answer in time in a
 * 503, and a token that expires while a policy is waited for in a 401: none of them in the handler.
 *
 * @example
 *   app.post('/refunds', requirePolicy(allOf(scope('refunds:write'), role('clerk'))), refund)
 *   app.get('/reports', requirePolicy((auth) => auth.claims['plan'] === 'pro'), listReports)
 *
 * @throws {ConfigurationError} At start-up, when it is not given a function.
 */
export function requirePolicy<Asked = PolicyRequest>(policy: Policy<JsonObject, Asked>): Middleware {
  return createGuard(policy, (req) => requireAuthentication(req, 'A guard'))
}

/**
 * Makes a guard of a policy. It goes on within the same turn when the policy answers at once.
 *
 * @param authenticationOf - Reads what an auth middleware found out, and throws where that is not for this guard.
 */
export function createGuard<Asked>(
  policy: Policy<JsonObject, Asked>,
  authenticationOf: (req: Request) => Authentication,
): Middleware {
  checkPolicy(policy, 'requirePolicy')
  const guard: RequestHandler = (req, res, next) => {
    let authentication: Authentication
    try {
      authentication = authenticationOf(req)
    } catch (error) {
      next(error)
      return
    }
    // What a policy asks of a request, requests have where it is mounted: that is the word of whoever mounts it.
    applyPolicy(policy as Policy, authentication, req, res, next)
  }
  return declareProtection(guard, () => ({ description: describePolicy(policy), isProtected: true }))
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
export function requireScope(...scopes: string[]): Middleware {
  return requirePolicy(scope(...scopes))
}

/**
 * Grants a request whose access token carries at least one of the given scopes; a 403 names them all.
 *
 * @example
 *   app.get('/orders', requireAnyScope('orders:read', 'orders:admin'), listOrders)
 */
export function requireAnyScope(...scopes: string[]): Middleware {
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
export function requireClaim(path: ClaimPath, expected: ExpectedClaim): Middleware {
  return requirePolicy(claim(path, expected))
}

/**
 * Grants a request whose access token has at least one of the given roles, from wherever the issuer's profile says that
 * roles live.
 *
 * @example
 *   app.delete('/orders/:id', requireRole('manager'), deleteOrder)
 */
export function requireRole(...roles: string[]): Middleware {
  return requirePolicy(role(...roles))
}

/**
 * Grants a request that proved the key to which its token is bound, for routes of a server that takes Bearer tokens as well.
 *
 * Where no route takes any, set `dpop.required`.
 *
 * @example
 *   app.post('/transfers', requireBoundToken(), requireScope('transfers:write'), transfer)
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1}
 */
export function requireBoundToken(): Middleware {
  return requirePolicy(boundToken())
}

/**
 * Grants a request whose user signed in strongly and recently enough; the 401 tells the client what to ask the issuer for.
 *
 * @example
 *   app.post('/transfers', requireStepUp({ acr: 'urn:example:mfa', maxAgeSeconds: 300 }), transfer)
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470#section-3 | RFC 9470 §3}
 */
export function requireStepUp(needed: StepUp): Middleware {
  return requirePolicy(stepUp(needed))
}

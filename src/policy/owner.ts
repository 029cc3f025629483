import { ConfigurationError } from '../errors.js'
import { definePolicy, grant, type Denial, type Policy, type PolicyRequest } from './decision.js'

/**
 * Grants a token whose subject is the one that the request is about.
 *
 * Subjects are unique within one issuer only: with several issuers, combine this with a claim that tells them apart. A token
 * without a subject owns nothing.
 *
 * @example
 *   app.get('/customers/:id/orders', requirePolicy(owner((req) => req.params['id'])), listOrders)
 *
 * @throws {ConfigurationError} At start-up, without a function.
 */
export function owner(subjectOf: (request: PolicyRequest) => unknown): Policy {
  if (typeof subjectOf !== 'function') {
    throw new ConfigurationError('owner() takes a function that reads the owner from the request.')
  }
  const denial: Denial = { granted: false, code: 'access_denied', detail: 'the subject is not the owner' }
  return definePolicy({ description: 'owner' }, ({ subject }, request) =>
    subject !== undefined && subjectOf(request) === subject ? grant : denial,
  )
}

import { ConfigurationError } from '../errors.js'
import { isPromised } from '../lib/take-answer.js'
import { definePolicy, deny, denyUndecided, grant, type Policy, type PolicyRequest } from './decision.js'

/**
 * Grants a token whose subject is the one that the request is about.
 *
 * Subjects are unique within one issuer only: with several issuers, combine this with a claim that tells them apart. A token
 * without a subject owns nothing, and nobody owns what has no owner; `not` of this grants neither.
 *
 * @example
 *   app.get('/customers/:id/orders', requirePolicy(owner((req) => req.params['id'])), listOrders)
 *
 * @param subjectOf - Reads the owner's `sub` from the request, synchronously.
 * @throws {ConfigurationError} At start-up, without a function.
 */
export function owner(subjectOf: (request: PolicyRequest) => unknown): Policy<unknown> {
  if (typeof subjectOf !== 'function') {
    throw new ConfigurationError('owner() takes a function that reads the owner from the request.')
  }
  const denial = deny('the subject is not the owner')
  const promised = denyUndecided('owner() read a promise: the owner must be in the request')
  const unknown = denyUndecided('the token has no subject, or the request no owner')
  return definePolicy({ description: 'owner' }, ({ subject }, request) => {
    const wanted = subjectOf(request)
    if (isPromised(wanted)) return promised
    if (subject === undefined || typeof wanted !== 'string') return unknown
    return wanted === subject ? grant : denial
  })
}

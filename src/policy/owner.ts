import { ConfigurationError } from '../errors.js'
import { takeAnswer } from '../lib/take-answer.js'
import {
  deadlineOf,
  definePolicy,
  deny,
  denyUndecided,
  grant,
  type Decision,
  type Policy,
  type PolicyRequest,
} from './decision.js'

/**
 * Grants a token whose subject is the one that the request is about.
 *
 * Subjects are unique within one issuer only: with several issuers, combine this with a claim that tells them apart. A token
 * without a subject owns nothing, and nobody owns what has no owner; `not` of this grants neither.
 *
 * @example
 *   app.get('/customers/:id/orders', requirePolicy(owner((req) => req.params['id'])), listOrders)
 *
 * @example
 *   // Behind a loader, which leaves what it found on the request:
 *   requirePolicy(owner((req: Request & { order: Order }) => req.order.customerId))
 *
 * @param subjectOf - Reads the owner's `sub` from the request, or asks a database for it: then it answers with a promise,
 *   within `callbackTimeoutSeconds`. What it throws, or rejects with, ends in a 500.
 * @throws {ConfigurationError} At start-up, without a function.
 */
export function owner<Asked = PolicyRequest>(subjectOf: (request: Asked) => unknown): Policy<unknown, Asked> {
  if (typeof subjectOf !== 'function') {
    throw new ConfigurationError('owner() takes a function that reads the owner from the request.')
  }
  const denial = deny('the subject is not the owner')
  const unknown = denyUndecided('the token has no subject, or the request no owner')
  const compare = (wanted: unknown, subject: string | undefined): Decision => {
    if (subject === undefined || typeof wanted !== 'string') return unknown
    return wanted === subject ? grant : denial
  }
  return definePolicy({ description: 'owner' }, ({ subject }, request, context) =>
    takeAnswer(subjectOf(request), { read: (wanted) => compare(wanted, subject), deadline: deadlineOf(context) }),
  )
}

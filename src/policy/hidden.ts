import { ConfigurationError } from '../errors.js'
import { whenSettled } from '../lib/eventual.js'
import type { JsonObject } from '../lib/strict-json.js'
import { checkPolicy } from './check-policy.js'
import { decide, definePolicy, describePolicy, type Decision, type Policy, type PolicyRequest } from './decision.js'
import { isOpen } from './open.js'

/**
 * Grants what a policy grants, and hides that there is anything where it denies: the answer is the 404 that Express gives for
 * a path that is not there, without a challenge. For what must not be known to exist, somebody else's record say.
 *
 * In `allOf` and `anyOf` a denial is hidden where this one is the reason, or one of them. This does NOT hide how long it
 * took to find out, and a request without a token is 401 all the same.
 *
 * @example
 *   app.get('/invoices/:customer', requirePolicy(hidden(owner((req) => req.params['customer']))), showInvoice)
 *
 * @throws {ConfigurationError} At start-up, of `open()` and of what is no policy.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4 | RFC 9110 §15.5.4}: who forbids may answer 404
 */
export function hidden<Claims = JsonObject, Asked = PolicyRequest>(
  policy: Policy<Claims, Asked>,
): Policy<Claims, Asked> {
  checkPolicy(policy, 'hidden')
  // What would be hidden? A row of a route table would be closed by it, and who reads it takes it for public.
  if (isOpen(policy))
    throw new ConfigurationError('hidden() was given open(), which denies nobody: leave hidden() out.')
  const hide = (decision: Decision): Decision => (decision.granted ? decision : { ...decision, isHidden: true })
  // No scopes: what it asks for must not be in the challenge of another policy.
  return definePolicy({ description: `hidden (${describePolicy(policy)})` }, (...facts) =>
    whenSettled(decide(policy, ...facts), hide),
  )
}

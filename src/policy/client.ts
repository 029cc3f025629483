import { quote } from '../lib/quote.js'
import { checkNames } from './check-names.js'
import { definePolicy, deny, denyUndecided, grant, type Policy } from './decision.js'

/**
 * Grants a token that was issued to one of the given clients, by `client_id`, `azp`, `appid` or `cid`, as the issuer's
 * profile says. A token that names no client is granted neither by this nor by `not` of it.
 *
 * A client's id is unique within one issuer only, and that of an app in a browser or on a phone is no secret: this says for
 * whom a token was made, not who sends it.
 *
 * @example
 *   requirePolicy(allOf(appOnly(), client('nightly-export', 'warehouse')))
 *
 * @throws {ConfigurationError} At start-up, without clients or with one that is empty.
 */
export function client(...clientIds: string[]): Policy<unknown> {
  checkNames(clientIds, 'client', "client('nightly-export')")
  const unnamed = denyUndecided('the token names no client')
  return definePolicy({ description: `client ${clientIds.join(' | ')}` }, ({ clientId }) => {
    if (clientId === '') return unnamed
    if (clientIds.includes(clientId)) return grant
    return deny(`none of the clients: ${clientIds.join(', ')}. The token was issued to ${quote(clientId)}`)
  })
}

import { definePolicy, grant, type Denial, type Policy } from './decision.js'

/**
 * Grants a request that proved the key to which its token is bound: see the option `dpop`. Of no use to whoever stole a Bearer
 * token.
 *
 * A denial is 401 and not 403: it is not that the holder may not, but that the credentials do not do, and the challenge says
 * with which others to come again.
 *
 * @example
 *   app.post('/transfers', requirePolicy(allOf(boundToken(), scope('transfers:write'))), transfer)
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1}
 */
export function boundToken(): Policy<unknown> {
  return definePolicy({ description: 'a token that is bound to a key' }, ({ binding }) =>
    binding === undefined ? unbound : grant,
  )
}

const unbound: Denial = Object.freeze({
  granted: false,
  code: 'bound_token_required',
  detail: 'the token is bound to no key that the request proved',
})

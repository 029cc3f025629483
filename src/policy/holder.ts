import { definePolicy, deny, denyUndecided, grant, type Policy } from './decision.js'

/**
 * Grants a token that a client got on behalf of a user, who signed in or consented. A machine's token is not a user's.
 *
 * Standards leave open how a token says so, and the issuer's profile knows: `idtyp` or `scp` of Entra, `uid` of Okta,
 * `username` of Cognito, and so on. Where it cannot be told, this denies, and so do {@link appOnly} and `not` of either.
 *
 * @example
 *   app.get('/me', requirePolicy(allOf(delegated(), scope('profile'))), showProfile)
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 | RFC 9068 §2.2} for `sub`
 */
export function delegated(): Policy<unknown> {
  return holderPolicy('user', 'delegated by a user')
}

/**
 * Grants a token that a client got for itself (client credentials, RFC 6749 §4.4): no user is involved.
 *
 * See {@link delegated} for how that is told, and what happens where it cannot be. This does NOT say which client: see
 * {@link client}.
 *
 * @example
 *   app.get('/exports', requirePolicy(allOf(appOnly(), scope('orders:export'))), exportOrders)
 */
export function appOnly(): Policy<unknown> {
  return holderPolicy('app', 'app-only')
}

function holderPolicy(wanted: 'user' | 'app', description: string): Policy<unknown> {
  const denial = deny(`the token is not ${description}`)
  const unknown = denyUndecided('nothing tells whether the token acts for a user or for its client alone')
  return definePolicy({ description }, (_auth, _request, { actsFor }) => {
    if (actsFor === undefined) return unknown
    return actsFor === wanted ? grant : denial
  })
}

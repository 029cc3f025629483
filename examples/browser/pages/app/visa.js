// @ts-check
import { origins } from '/board/origins.js'
import { askApi } from '/board/orders.js'

/**
 * The visa of this tab. It lives in this module and nowhere else: a reload forgets it, and the next one comes from the
 * token handler.
 *
 * @type {import('/spa/sign-in.js').Tokens | undefined}
 */
let held

const others = new BroadcastChannel('session')
/** A visa that ends while it is on its way is no use. */
const MARGIN_MILLISECONDS = 2000

export const current = () => held

/** @param {import('/spa/sign-in.js').Tokens} tokens */
export function keep(tokens) {
  held = tokens
}

const isGood = () => held !== undefined && held.expiresAt - MARGIN_MILLISECONDS > Date.now()

/**
 * Asks the token handler, one tab of this browser at a time: each refresh token is good for one use, and two tabs with
 * the same one would look like a thief and his victim. The second tab finds the new cookie when its turn comes.
 *
 * @param {Readonly<Record<string, string>>} [wish] Another scope or API than those of this app.
 * @returns {Promise<{ access_token: string; expires_in: number; id_token?: string } | undefined>} Nothing: sign in again.
 */
export async function refresh(wish = {}) {
  const response = await navigator.locks.request('refresh', () =>
    fetch(`${origins.auth}/session/refresh`, {
      method: 'POST',
      credentials: 'include',
      headers: { 'x-csrf': '1' },
      body: new URLSearchParams(wish),
    }),
  )
  if (response.status === 401) {
    held = undefined
    return undefined
  }
  if (!response.ok) throw new Error('The token handler or the provider does not answer. Try again.')
  return /** @type {{ access_token: string; expires_in: number; id_token?: string }} */ (await response.json())
}

/**
 * Silent refresh: a new visa, without the user. False where only a sign-in helps.
 *
 * @returns {Promise<boolean>}
 */
export async function renew() {
  const answer = await refresh()
  if (answer === undefined) return false
  const idToken = answer.id_token ?? held?.idToken ?? ''
  const expiresAt = Date.now() + answer.expires_in * 1000
  held = { accessToken: answer.access_token, expiresAt, idToken, name: subjectOf(idToken) }
  return true
}

/**
 * Calls the API with a visa that is good, and renews it before or after if it is not. The user does not notice.
 *
 * @param {string} [method]
 * @returns {Promise<Response | undefined>} Nothing: sign in again.
 */
export async function call(method) {
  if (!isGood() && !(await renew())) return undefined
  const response = await askApi(held?.accessToken ?? '', method)
  if (response.status !== 401 || !(await renew())) return response
  return askApi(held?.accessToken ?? '', method)
}

/** Signs out here, and in the other tabs. */
export async function forget() {
  held = undefined
  await fetch(`${origins.auth}/session`, { method: 'DELETE', credentials: 'include', headers: { 'x-csrf': '1' } })
  others.postMessage('signed-out')
}

/**
 * Another tab signed out: this one forgets, too.
 *
 * @param {() => void} listener
 */
export function onSignedOutElsewhere(listener) {
  others.addEventListener('message', () => {
    held = undefined
    listener()
  })
}

/**
 * Who an ID token from our own token handler is about. To show a name it need not be verified again.
 *
 * @param {string} idToken
 * @returns {string}
 */
function subjectOf(idToken) {
  const payload = idToken.split('.')[1] ?? ''
  const claims = /** @type {{ sub: string }} */ (JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))))
  return claims.sub
}

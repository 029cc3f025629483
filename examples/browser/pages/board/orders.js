// @ts-check
import { origins } from '/board/origins.js'

/**
 * @typedef {import('/board/board.js').Answer} Answer
 *
 * @typedef {{ code?: string; detail?: string; error?: string; orders?: string[]; for?: string }} Body
 */

/** How long border control may take. */
const PATIENCE_MILLISECONDS = 15_000

/**
 * Asks border control with a token.
 *
 * @param {string} token
 * @param {string} [method]
 */
export function askApi(token, method = 'GET') {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS)
  return fetch(`${origins.api}/orders`, { method, headers: { authorization: `Bearer ${token}` }, signal })
}

/**
 * What the API said, for the board.
 *
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
export async function describe(response) {
  const body = /** @type {Body} */ (await response.json())
  if (response.ok) {
    const { orders = [], for: subject = '' } = body
    return {
      outcome: 'done',
      stamp: `${String(response.status)} let in`,
      text: `Orders for ${subject}: ${String(orders.length)}.`,
      findings: orders.slice(-3),
    }
  }
  return {
    outcome: 'refused',
    stamp: `${String(response.status)} turned back`,
    code: body.code ?? body.error ?? '',
    text: body.detail ?? (body.error === 'sign_in_required' ? 'Sign in again.' : ''),
  }
}

/** @type {Answer} */
export const signInAgain = { outcome: 'refused', stamp: 'No visa', code: 'sign_in_required', text: 'Sign in again.' }

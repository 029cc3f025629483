// @ts-check
import { origins } from '/board/origins.js'
import { askApi } from '/board/orders.js'
import { readSubject } from '/spa/read-subject.js'
import { createSignedOutMark } from '/spa/signed-out.js'

/**
 * @typedef {import('/spa/sign-in.js').Tokens} Tokens
 *
 * @typedef {{ access_token: string; expires_in: number; id_token?: string }} Renewed
 */

/**
 * The visa of this tab. It lives in this module and nowhere else: a reload forgets it, and the next one comes from the
 * token handler.
 *
 * @type {Tokens | undefined}
 */
let held

/** Grows at every sign-out. What was asked for before one is not kept after it. */
let generation = 0

/**
 * The renewal under way, for everybody in this tab who waits for one.
 *
 * @type {Promise<boolean> | undefined}
 */
let renewing

/** @typedef {{ type: 'signed-out' } | { type: 'signed-in', name: string }} News */

const others = new BroadcastChannel('session')

/** @param {News} news */
const tell = (news) => {
  others.postMessage(news)
}

const signedOut = createSignedOutMark('app')
/** A visa that ends while it is on its way is no use. */
const MARGIN_MILLISECONDS = 2000
/** How long the token handler may take; it gives up on the provider before that. */
const PATIENCE_MILLISECONDS = 15_000
/** How long the other tabs may take, one after the other. */
const LOCK_PATIENCE_MILLISECONDS = 30_000

export const current = () => held

/**
 * Keeps what a sign-in gave, and tells the other tabs whose it is: they share the cookie.
 *
 * @param {Tokens} tokens
 */
export function keep(tokens) {
  signedOut.clear()
  held = tokens
  tell({ type: 'signed-in', name: tokens.name })
}

const isGood = () => held !== undefined && held.expiresAt - MARGIN_MILLISECONDS > Date.now()

/**
 * Does what changes the refresh cookie, one tab of this browser at a time: each refresh token is good for one use, and two
 * tabs with the same one would look like a thief and his victim. The second tab finds the new cookie when its turn comes.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function exclusively(work) {
  return navigator.locks.request('refresh', { signal: AbortSignal.timeout(LOCK_PATIENCE_MILLISECONDS) }, work)
}

/**
 * @param {'POST' | 'DELETE'} method
 * @param {string} path
 * @param {URLSearchParams} [body]
 */
function askTokenHandler(method, path, body) {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS)
  const headers = { 'x-csrf': '1' }
  return fetch(`${origins.auth}${path}`, { method, credentials: 'include', headers, body: body ?? null, signal })
}

/**
 * Asks the token handler for a visa.
 *
 * @param {Readonly<Record<string, string>>} [wish] Another scope or API than those of this app.
 * @returns {Promise<Renewed | undefined>} Nothing: sign in again.
 */
export async function refresh(wish = {}) {
  const mine = generation
  return exclusively(async () => {
    if (mine !== generation) return undefined
    const response = await askTokenHandler('POST', '/session/refresh', new URLSearchParams(wish))
    if (response.status === 401) {
      held = undefined
      return undefined
    }
    if (!response.ok) throw new Error('The token handler or the provider does not answer. Try again.')
    const answer = /** @type {Renewed} */ (await response.json())
    if (mine !== generation) return undefined
    const name = readSubject(answer.id_token ?? '')
    if (held !== undefined && name !== undefined && name !== held.name) {
      // What was asked for as one user is not done as another.
      forgetHere()
      throw new SomebodyElse('Somebody else signed in, in another tab.')
    }
    return answer
  })
}

/** The cookie of this browser is another user's by now. This tab has forgotten the one before. */
export class SomebodyElse extends Error {}

/**
 * Silent refresh: a new visa, without the user. Whoever asks while one is under way waits for that one. False where only a
 * sign-in helps.
 *
 * @returns {Promise<boolean>}
 */
export function renew() {
  renewing ??= renewOnce().finally(() => {
    renewing = undefined
  })
  return renewing
}

async function renewOnce() {
  const mine = generation
  const answer = await refresh()
  if (answer === undefined || mine !== generation) return false
  const idToken = answer.id_token ?? held?.idToken ?? ''
  const expiresAt = Date.now() + answer.expires_in * 1000
  held = { accessToken: answer.access_token, expiresAt, idToken, name: readSubject(idToken) ?? 'somebody' }
  return true
}

/**
 * Calls the API with a visa that is good, and renews it before or after if it is not. The user does not notice.
 *
 * @param {string} [method]
 * @returns {Promise<Response | undefined>} Nothing: sign in again.
 */
export async function call(method) {
  const mine = generation
  if (!isGood() && !(await renew())) return undefined
  const used = held?.accessToken
  if (used === undefined || mine !== generation) return undefined
  const response = await askApi(used, method)
  if (response.status !== 401) return response
  // Another call may have met the same refusal, and be back with a new one.
  if (held?.accessToken === used && !(await renew())) return response
  // Or somebody signed out, or somebody else in. What was asked for as one user is not done as another.
  return held === undefined || mine !== generation ? response : askApi(held.accessToken, method)
}

/**
 * Signs out: this tab forgets at once, the others are told, and then the renewal is given back.
 *
 * @returns {Promise<string | undefined>} Who could not be told, as a notice.
 */
export function forget() {
  signedOut.set()
  forgetHere()
  tell({ type: 'signed-out' })
  return giveBack()
}

/**
 * Whether somebody signed out here, and the token handler may not know yet. Then nothing is renewed: it is told again.
 */
export const isSignedOut = () => signedOut.isSet()

/** Gives the renewal back, after whoever is renewing it. Where that tab hangs, without waiting any longer. */
export async function giveBack() {
  const send = () => askTokenHandler('DELETE', '/session')
  try {
    const response = await exclusively(send).catch(send)
    if (!response.ok) return 'renewal_desk_not_told'
    const { notTold } = /** @type {{ notTold: readonly string[] }} */ (await response.json())
    signedOut.clear()
    return notTold.length === 0 ? undefined : 'provider_not_told'
  } catch {
    return 'renewal_desk_not_told'
  }
}

function forgetHere() {
  generation += 1
  renewing = undefined
  held = undefined
}

/**
 * Another tab signed out, or somebody else in: this one forgets, too.
 *
 * @param {(who: { before: string | undefined; now: string | undefined }) => void} listener
 */
export function onNewsFromElsewhere(listener) {
  others.addEventListener('message', (/** @type {MessageEvent<News>} */ { data }) => {
    const before = held?.name
    const now = data.type === 'signed-in' ? data.name : undefined
    if (now !== undefined && now === before) return
    forgetHere()
    listener({ before, now })
  })
}

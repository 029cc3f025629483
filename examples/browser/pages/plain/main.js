// @ts-check
import { createBoard } from '/board/board.js'
import { injectScript } from '/board/injected.js'
import { noticeOf } from '/board/notices.js'
import { describe, signInAgain } from '/board/orders.js'
import { origins } from '/board/origins.js'
import { readablePlaces } from '/board/places.js'

/** @typedef {import('/board/board.js').Answer} Answer */

/**
 * Who is signed in, as the server says.
 *
 * @type {string | undefined}
 */
let user
let isUnknown = false

const tabs = new BroadcastChannel('session')
const PATIENCE_MILLISECONDS = 15_000

const board = createBoard({
  path: '/',
  title: 'Plain session: no token at all',
  lead: 'One server signs users in by itself, keeps their data, and has no API for others. Between it and its own page there is nothing to delegate: the session is authentication, and what the server looks up for it is authorization.',
  countries: [['plain'], ['evil']],
  kinds: ['ticket'],
  user: () => user,
  isUnknown: () => isUnknown,
  signIn: () => signInAs('ada'),
  async signOut() {
    const response = await ask('/sign-out', 'POST').catch(() => undefined)
    await look()
    if (response?.ok === true) board.clear()
    else board.show(noticeOf('sign_out_failed'))
    tabs.postMessage('look-again')
  },
  places: () => [
    { name: 'Memory of this page', reach: 'script that runs in this page', holds: [] },
    ...readablePlaces(),
    {
      name: 'HttpOnly cookie of plain.a.localhost',
      reach: 'that server alone; no script; no sibling can plant it',
      holds: user === undefined ? [] : [{ kind: 'ticket' }],
    },
    {
      name: 'Session store of the server',
      reach: 'that server alone, until sign-out',
      holds: user === undefined ? [] : [`user: ${user}`],
    },
  ],
  groups: [
    {
      title: 'At the server (the village shop)',
      actions: [
        { name: 'Ask for my orders', term: 'GET with the session cookie', run: askForOrders, always: true },
        { name: 'Come as Bea', term: 'Sign in as somebody else', run: () => signInAs('bea'), always: true },
      ],
    },
    {
      title: 'Attacks (thieves)',
      actions: [
        { name: 'Inject a script', term: 'Injected script (XSS)', run: () => injectScript(insider) },
        { name: 'Visit the thief', term: 'Another site', run: visitThief, always: true },
      ],
    },
  ],
  honest: [
    'It finds no token and cannot read the cookie. It can ask the server for everything that the page can ask for, as the user, while the page is open, and the answers that it took stay taken.',
    'Nothing here is weaker than a BFF: a BFF is this, and tokens behind it because somebody else has the data.',
  ],
})

tabs.addEventListener('message', () => void lookAgain())
await look()
board.show(noticeOf(whoCannotBeTold()))

function whoCannotBeTold() {
  return isUnknown ? 'try_again' : undefined
}

/** @param {string} name */
async function signInAs(name) {
  const response = await ask('/sign-in', 'POST', JSON.stringify({ user: name }))
  if (!response.ok) throw new Error(`The server answered ${String(response.status)}. Try again.`)
  await look()
  tabs.postMessage('look-again')
  return undefined
}

/** Another tab signed in or out: the cookie is everybody's, and so is what came of it. */
async function lookAgain() {
  const before = user
  await look()
  if (user === before) return
  board.clear()
  if (before !== undefined) board.show(noticeOf(whoIsHere()))
}

function whoIsHere() {
  return user === undefined ? undefined : 'somebody_else'
}

/** @returns {Promise<Answer>} */
async function askForOrders() {
  const response = await ask('/orders')
  return response.status === 401 ? signInAgain : describe(response)
}

async function look() {
  const response = await ask('/me').catch(() => undefined)
  isUnknown = response?.ok !== true
  if (response?.ok === true) {
    const answer = /** @type {{ user?: string }} */ (await response.json())
    user = answer.user
  }
  board.refresh()
}

/**
 * @param {string} path
 * @param {string} [method]
 * @param {string} [body]
 */
function ask(path, method = 'GET', body) {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS)
  const headers = { 'x-csrf': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  return fetch(`${origins.plain}${path}`, { method, headers, body: body ?? null, signal })
}

/** What a thief tries who knows this app: to ask, as the page does. */
async function insider() {
  const response = await ask('/orders')
  return [`By asking the server for the orders: ${response.ok ? 'the orders' : 'nothing'}.`]
}

async function visitThief() {
  window.open(`${origins.evil}/`, '_blank', 'noopener')
  return Promise.resolve(undefined)
}

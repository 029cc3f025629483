// @ts-check
import { createBoard } from '/board/board.js'
import { injectScript } from '/board/injected.js'
import { describe, signInAgain } from '/board/orders.js'
import { noticeOf, leaveNotice, takeNotice } from '/board/notices.js'
import { origins } from '/board/origins.js'
import { readablePlaces } from '/board/places.js'
import { note } from '/board/timeline.js'

/** @typedef {import('/board/board.js').Answer} Answer */

/** @typedef {{ signedIn: boolean; name: string; visaExpiresAt: number }} Me */

const nobody = { signedIn: false, name: '', visaExpiresAt: 0 }

/** @type {Me} */
let me = nobody

/** Whether the guide, who knows, did not answer. */
let isUnknown = false

const tabs = new BroadcastChannel('session')
/** How long the guide may take; it gives up on others before that. */
const PATIENCE_MILLISECONDS = 30_000

const board = createBoard({
  path: '/',
  title: 'BFF: the server holds every token, the browser a session cookie',
  lead: 'No token ever reaches this page. The server (the guide) signs the user in, keeps ID, access and refresh token, and calls the API itself. The browser has one cookie (the ticket) that names a session. The session is the auth.',
  countries: [
    ['bff', 'api'],
    ['idp', 'evil'],
  ],
  kinds: ['passport', 'visa', 'renewal', 'ticket'],
  user: () => (me.signedIn ? me.name : undefined),
  isUnknown: () => isUnknown,
  async signIn() {
    const response = await ask('/sign-in', 'POST')
    if (!response.ok) throw new Error('The guide or the passport office does not answer. Try again.')
    const answer = /** @type {{ continueAt: string }} */ (await response.json())
    location.assign(answer.continueAt)
  },
  signOut,
  places: () => [
    { name: 'Memory of this page', reach: 'script that runs in this page', holds: [] },
    ...readablePlaces(),
    {
      name: 'HttpOnly cookie of bff.a.localhost',
      reach: 'that server alone; no script; no sibling can plant it',
      holds: me.signedIn ? [{ kind: 'ticket' }] : [],
    },
    {
      name: 'Session store of the BFF',
      reach: 'that server alone, until sign-out',
      holds: me.signedIn
        ? [{ kind: 'visa', expiresAt: me.visaExpiresAt }, { kind: 'passport' }, { kind: 'renewal' }]
        : [],
    },
  ],
  groups: [
    {
      title: 'Let the BFF (guide) ask the API',
      actions: [
        { name: 'With the visa', term: 'Access token', run: askFor('/api/orders') },
        { name: 'With the passport', term: 'ID token', run: askFor('/demonstration/id-token', 'POST') },
        {
          name: 'A visa for elsewhere',
          term: 'Another audience',
          run: askFor('/demonstration/another-audience', 'POST'),
        },
        {
          name: 'A visa that lacks a stamp',
          term: 'Scope missing',
          run: askFor('/demonstration/without-scope', 'POST'),
        },
        { name: 'A visa of an hour ago', term: 'After expiry', run: askFor('/demonstration/expired', 'POST') },
        { name: 'Order a stamp', term: 'POST, orders:write', run: askFor('/api/orders', 'POST') },
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
    'It finds no token: there is none in the browser. What it takes away are the answers that it got, and those stay taken.',
    'It can ask the guide for everything that the page can ask for, as the user, while the page is open. Reading the orders and sending them somewhere is enough for many thieves.',
    'So a BFF makes a break-in shorter, not harmless. A Content-Security-Policy and fewer dependencies keep it from happening.',
  ],
})

tabs.addEventListener('message', (/** @type {MessageEvent<string>} */ { data }) => {
  if (data === 'signed-out') forgetHere()
  else void lookAgain()
})
await look()
// The others share the cookie. If this is somebody else's by now, so are they.
tabs.postMessage('look-again')
const failure = new URLSearchParams(location.search).get('error')
// Nothing of the query is shown or kept, but for the codes that a page knows.
if (location.search !== '') history.replaceState(null, '', '/')
board.show(takeNotice() ?? noticeOf(failure) ?? noticeOf(whoCannotBeTold()))
if (me.signedIn) note('This page has no token, and cannot read its cookie.')

/** Another tab signed in, or could not sign out. Whoever was here before is told who is here now. */
async function lookAgain() {
  const before = me.name
  await look()
  if (me.name === before) return
  board.clear()
  if (me.signedIn && before !== '') board.show(noticeOf('somebody_else'))
}

function whoCannotBeTold() {
  return isUnknown ? 'try_again' : undefined
}

function forgetHere() {
  me = nobody
  board.clear()
}

/** Tells the other tabs first, then the guide. Where the guide does not answer, nobody is signed out, and the page says so. */
async function signOut() {
  forgetHere()
  tabs.postMessage('signed-out')
  try {
    const response = await ask('/sign-out', 'POST')
    if (!response.ok) throw new Error(`The guide answered ${String(response.status)}.`)
    const answer = /** @type {{ continueAt: string; notTold: readonly string[] }} */ (await response.json())
    const [notTold] = answer.notTold
    if (notTold !== undefined) leaveNotice(`${notTold.replaceAll(' ', '_')}_not_told`)
    location.assign(answer.continueAt)
  } catch {
    tabs.postMessage('look-again')
    await look()
    board.show(noticeOf('sign_out_failed'))
  }
}

/**
 * Asks the guide. The header is the one that a form or another site cannot send.
 *
 * @param {string} path
 * @param {string} [method]
 */
function ask(path, method = 'GET') {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS)
  return fetch(path, { method, headers: { 'x-csrf': '1' }, signal })
}

/** Asks who is signed in. A guide that does not answer does not say that nobody is. */
async function look() {
  const response = await ask('/me').catch(() => undefined)
  isUnknown = response?.ok !== true
  if (response?.ok === true) me = { ...nobody, .../** @type {Partial<Me>} */ (await response.json()) }
  board.refresh()
}

/**
 * @param {string} path
 * @param {string} [method]
 * @returns {() => Promise<Answer>}
 */
function askFor(path, method) {
  return async () => {
    const response = await ask(path, method)
    await look()
    return me.signedIn || isUnknown ? describe(response) : signInAgain
  }
}

/** What a thief tries who knows this app: to ask the guide, as the page does. */
async function insider() {
  const answers = [await ask('/me'), await ask('/api/orders')]
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  const tokens = texts.join().match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []
  return [
    `By asking the guide: ${tokens.length === 0 ? 'no token' : 'tokens'}.`,
    `By asking the guide for the orders: ${answers[1]?.ok === true ? 'the orders' : 'nothing'}. While this page is open, it acts as you.`,
  ]
}

async function visitThief() {
  window.open(`${origins.evil}/`, '_blank', 'noopener')
  return Promise.resolve(undefined)
}

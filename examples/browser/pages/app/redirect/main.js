// @ts-check
import { createBoard } from '/board/board.js'
import { askApi, describe, signInAgain } from '/board/orders.js'
import { noticeOf } from '/board/notices.js'
import { origins } from '/board/origins.js'
import { readablePlaces } from '/board/places.js'
import { note } from '/board/timeline.js'
import { leaveToSignIn, leaveToSignOut, returnFromSignIn } from '/spa/sign-in.js'
import { createSignedOutMark } from '/spa/signed-out.js'
import { drawComparison } from './comparison.js'
import { askInHiddenFrame } from './hidden-frame.js'
import { expectThief, tryStolenCode } from './stolen-code.js'

/** @typedef {import('/board/board.js').Answer} Answer */

const client = { clientId: 'app-with-redirects', redirectUri: `${origins.app}/redirect/` }

/**
 * The visa of this page, until the next reload. There is no renewal: the provider is asked again.
 *
 * @type {import('/spa/sign-in.js').Tokens | undefined}
 */
let held

const others = new BroadcastChannel('session-redirect')
/** Who signed out here is not signed in again by itself, though the provider may still know them. */
const signedOut = createSignedOutMark('redirect')

const board = createBoard({
  path: '/redirect/',
  title: 'App here, provider on another domain',
  lead: "This page has no server of its own to help it. To stay signed in it goes to the provider (the passport office), on the provider's own site, and comes straight back with a new access token (visa).",
  countries: [
    ['app', 'api'],
    ['idp', 'evil'],
  ],
  kinds: ['passport', 'visa'],
  user: () => held?.name,
  signIn: () => leaveToSignIn(client),
  async signOut() {
    signedOut.set()
    forgetHere()
    others.postMessage('')
    await leaveToSignOut(client).catch(() => {
      board.show(noticeOf('provider_not_told'))
    })
  },
  places: () => [
    {
      name: 'Memory of this page',
      reach: 'script that runs in this page, until it is reloaded',
      holds: held === undefined ? [] : [{ kind: 'visa', expiresAt: held.expiresAt }, { kind: 'passport' }],
    },
    ...readablePlaces(),
    {
      name: 'HttpOnly cookie of idp.b.localhost',
      reach: 'that server alone, and only while you are on its ground',
      holds: held === undefined ? [] : [{ kind: 'ticket', note: "the office's own session" }],
    },
  ],
  groups: [
    {
      title: 'At the API (border control)',
      actions: [
        { name: 'Show the visa', term: 'Access token', run: showVisa },
        { name: 'Show the passport', term: 'ID token', run: showPassport },
      ],
    },
    {
      title: 'A new access token without asking the user',
      actions: [
        { name: 'Ask in a hidden frame', term: 'prompt=none in an iframe', run: tryHiddenFrame },
        { name: 'Walk over and back', term: 'prompt=none, top-level redirect', run: walkOver, always: true },
      ],
    },
    {
      title: 'Attacks (thieves)',
      actions: [{ name: 'Have the next code stolen', term: 'PKCE: a stolen code', run: haveCodeStolen }],
    },
  ],
  honest: [
    'It can call the API as the user while the page is open, and take the visa along: it is good until it expires.',
    'There is no renewal to take. But the script can open the passport office in a frame or a window of its own as the page does, and where third-party cookies are allowed it gets visas that way for as long as it runs.',
  ],
  more: [drawComparison()],
})

others.addEventListener('message', (/** @type {MessageEvent<string>} */ { data: name }) => {
  // A tab that signs in says who it is; one that signs out says nothing.
  if (name === held?.name) return
  const before = held
  forgetHere()
  if (name !== '' && before !== undefined) board.show(noticeOf('somebody_else'))
})
await start()

/** Back from the provider; or reloaded, and then it goes there at once to see whether the user is known. */
async function start() {
  const theft = await tryStolenCode(client)
  const back = await returnFromSignIn(client)
  if (back === undefined && !signedOut.isSet()) await leaveToSignIn(client, { silently: true })
  if (back !== undefined && 'tokens' in back) {
    held = back.tokens
    signedOut.clear()
    others.postMessage(held.name)
    note('Back from the provider with an access token.')
    if (theft !== undefined) board.show(theft)
  } else if (back !== undefined && back.error !== 'login_required') {
    board.show(noticeOf(back.error))
  }
  board.refresh()
}

function forgetHere() {
  held = undefined
  board.clear()
}

/** @returns {Promise<Answer>} */
async function showVisa() {
  if (held === undefined) return signInAgain
  const response = await askApi(held.accessToken)
  // There is no silent way: the page leaves, and whatever was not saved is lost.
  if (response.status === 401) await leaveToSignIn(client, { silently: true })
  return describe(response)
}

async function showPassport() {
  return describe(await askApi(held?.idToken ?? ''))
}

/** @returns {Promise<Answer>} */
async function tryHiddenFrame() {
  const error = await askInHiddenFrame({ ...client, redirectUri: `${origins.app}/redirect/frame.html` })
  if (error === '') {
    return {
      outcome: 'done',
      stamp: 'A code',
      text: 'This browser sends third-party cookies. Safari and Firefox block or partition them, and so does Chrome in Incognito or where the user says so: do not build on it.',
    }
  }
  return {
    outcome: 'refused',
    stamp: 'A stranger',
    code: error,
    text: 'You are signed in there, but in a frame on this site the browser keeps the cookie of the office to itself: it is a third-party cookie. The office sees a stranger.',
  }
}

async function walkOver() {
  return leaveToSignIn(client, { silently: true })
}

async function haveCodeStolen() {
  expectThief()
  return leaveToSignIn(client, { silently: true })
}

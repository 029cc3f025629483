// @ts-check
import { createBoard } from '/board/board.js'
import { injectScript } from '/board/injected.js'
import { askApi, describe, signInAgain } from '/board/orders.js'
import { noticeOf, leaveNotice, takeNotice } from '/board/notices.js'
import { origins } from '/board/origins.js'
import { readablePlaces } from '/board/places.js'
import { note } from '/board/timeline.js'
import { leaveToSignIn, leaveToSignOut, reportsApi, returnFromSignIn } from '/spa/sign-in.js'
import { drawTabsExercise } from './tabs-exercise.js'
import {
  call,
  current,
  exclusively,
  forget,
  giveBack,
  isSignedOut,
  keep,
  onNewsFromElsewhere,
  refresh,
  renew,
  SomebodyElse,
} from './visa.js'

/** @typedef {import('/board/board.js').Answer} Answer */

const client = {
  clientId: 'app-with-token-handler',
  redirectUri: `${origins.app}/`,
  tokenEndpoint: `${origins.auth}/session`,
}

/** Whether a server that knows did not answer. */
let isUnknown = false

const board = createBoard({
  path: '/',
  title: 'Access token in memory, refresh token in a cookie',
  lead: 'The page signs in and calls the API itself; no script can read the cookie. Reload it, close the tab, wait until the access token (the visa) expires: the token handler (the renewal desk) hands out a new one, and nobody notices.',
  countries: [
    ['app', 'auth', 'api'],
    ['idp', 'evil'],
  ],
  kinds: ['passport', 'visa', 'renewal'],
  user: () => current()?.name,
  isUnknown: () => isUnknown,
  signIn: () => leaveToSignIn(client),
  async signOut() {
    const told = forget()
    board.clear()
    const failed = await told
    if (failed !== undefined) leaveNotice(failed)
    await leaveToSignOut(client).catch(() => {
      board.show(takeNotice() ?? noticeOf('provider_not_told'))
    })
  },
  places() {
    const tokens = current()
    return [
      {
        name: 'Memory of this page',
        reach: 'script that runs in this page, until it is reloaded',
        holds: tokens === undefined ? [] : holdings(tokens),
      },
      ...readablePlaces(),
      {
        name: 'HttpOnly cookie of auth.a.localhost',
        reach: 'that server alone; no script; no sibling can plant it',
        holds: tokens === undefined ? [] : [{ kind: 'renewal' }],
      },
    ]
  },
  groups: [
    {
      title: 'At the API (border control)',
      actions: [
        { name: 'Show the visa', term: 'Access token', run: orSignIn(() => call()) },
        { name: 'Show the passport', term: 'ID token', run: showPassport },
        {
          name: 'A visa for elsewhere',
          term: 'Another audience',
          run: showWrong({ resource: reportsApi, scope: 'reports:read' }),
        },
        { name: 'A visa that lacks a stamp', term: 'Scope missing', run: showWrong({ scope: 'orders:write' }) },
        {
          name: 'A visa of an hour ago',
          term: 'After expiry',
          run: showWrong({ scope: 'orders:read demo:an-hour-ago' }),
        },
        { name: 'Order a stamp', term: 'POST, orders:write', run: orSignIn(() => call('POST')) },
      ],
    },
    {
      title: 'At the token handler (renewal desk)',
      actions: [{ name: 'Renew', term: 'Silent refresh', run: orFollow(renewNow) }],
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
    'It can call the API as the user, for as long as the page is open, and it can ask the renewal desk for visas, as the page does: one for each API and scope that was granted. They leave with it and are good until they expire: keep visas short.',
    'It cannot take the renewal away. When the page is closed, what is left to the thief are the last visas, until they expire, and the answers that it took.',
    'It can also start a sign-in of its own in a hidden corner, and wait for the user to type. No storage helps against that; a Content-Security-Policy and fewer dependencies do.',
  ],
  more: [drawTabsExercise()],
})

onNewsFromElsewhere(({ before, now }) => {
  board.clear()
  if (now !== undefined) void follow(before)
})
await start()

/**
 * Somebody signed in, in another tab. Whoever was here before is told.
 *
 * @param {string | undefined} before
 */
async function follow(before) {
  await findOut()
  board.show(noticeOf(before === undefined ? undefined : 'somebody_else'))
  board.refresh()
}

/** Back from the provider, or reloaded, or here for the first time. */
async function start() {
  const back = await exclusively(() => returnFromSignIn(client))
  if (back !== undefined && 'tokens' in back) {
    keep(back.tokens)
    note('I have a visa and a passport, in memory. The renewal I never saw.')
  } else if (isSignedOut()) {
    board.show(noticeOf(await giveBack()))
  } else {
    await findOut()
  }
  board.show(takeNotice() ?? noticeOf(back !== undefined && 'error' in back ? back.error : undefined))
  board.refresh()
}

/** Whether somebody is signed in. A server that does not answer does not say that nobody is. */
async function findOut() {
  try {
    if (await renew()) note('I forgot my visa and was given a new one. Nobody was asked.')
  } catch {
    isUnknown = true
    board.show(noticeOf('try_again'))
  }
}

/**
 * @param {import('/spa/sign-in.js').Tokens} tokens
 * @returns {readonly import('/board/cast.js').Document[]}
 */
function holdings({ expiresAt, idToken }) {
  return [{ kind: 'visa', expiresAt }, ...(idToken === '' ? [] : [/** @type {const} */ ({ kind: 'passport' })])]
}

/**
 * @param {() => Promise<Response | undefined>} ask
 * @returns {() => Promise<Answer | undefined>}
 */
function orSignIn(ask) {
  return orFollow(async () => {
    const response = await ask()
    board.refresh()
    return response === undefined ? signInAgain : describe(response)
  })
}

/**
 * @param {() => Promise<Answer>} run
 * @returns {() => Promise<Answer | undefined>}
 */
function orFollow(run) {
  return async () => {
    const before = current()?.name
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof SomebodyElse)) throw error
      await follow(before)
      return undefined
    }
  }
}

async function showPassport() {
  return describe(await askApi(current()?.idToken ?? ''))
}

/** @param {Readonly<Record<string, string>>} wish */
function showWrong(wish) {
  return orSignIn(async () => {
    const answer = await refresh(wish)
    return answer === undefined ? undefined : askApi(answer.access_token)
  })
}

/** @returns {Promise<Answer>} */
async function renewNow() {
  const renewed = await renew()
  isUnknown = false
  board.refresh()
  if (!renewed) return signInAgain
  return {
    outcome: 'done',
    stamp: 'Renewed',
    text: 'A new visa in memory, a new renewal in the cookie. The old ones are used up.',
  }
}

/** What a thief tries who knows this app: to renew, as the page does. */
async function insider() {
  const answer = await refresh()
  if (answer === undefined) return ['By asking the renewal desk: nothing.']
  return [`By asking the renewal desk: one visa, good for ${String(answer.expires_in)} s. No renewal.`]
}

async function visitThief() {
  window.open(`${origins.evil}/`, '_blank', 'noopener')
  return Promise.resolve(undefined)
}

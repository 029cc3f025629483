// @ts-check
// WHAT NOT TO DO. Compare with pages/app: the same app, with three mistakes.
import { createBoard } from '/board/board.js'
import { el } from '/board/dom.js'
import { theLine } from '/board/injected.js'
import { askApi, describe, signInAgain } from '/board/orders.js'
import { origins } from '/board/origins.js'
import { readablePlaces } from '/board/places.js'
import { note } from '/board/timeline.js'
import { leaveToSignIn, leaveToSignOut, returnFromSignIn } from '/spa/sign-in.js'
import { plantCookies, signOutByImage } from './sibling.js'

/**
 * @typedef {import('/spa/sign-in.js').Tokens} Tokens
 *
 * @typedef {object} Stored
 * @property {string} access_token
 * @property {string} refresh_token
 * @property {string} id_token
 * @property {number} expiresAt
 * @property {string} name
 */

const client = { clientId: 'careless-app', redirectUri: `${origins.careless}/` }

/** The first mistake: whatever is in here, every script of this origin can read. */
let storage = localStorage.getItem('store') === 'sessionStorage' ? sessionStorage : localStorage

/** @returns {Tokens | undefined} */
function stored() {
  const text = storage.getItem('tokens')
  if (text === null) return undefined
  const record = /** @type {Stored} */ (JSON.parse(text))
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken, expiresAt, name } = record
  return { accessToken, refreshToken, idToken, expiresAt, name }
}

const board = createBoard({
  path: '/',
  title: 'What not to do: tokens in localStorage or sessionStorage',
  lead: 'It survives a reload and needs no server. It also gives everything to the first foreign line of script: here, an entry in a guest book.',
  countries: [
    ['careless', 'api'],
    ['idp', 'evil'],
  ],
  kinds: ['passport', 'visa', 'renewal'],
  user: () => stored()?.name,
  signIn: () => leaveToSignIn(client),
  async signOut() {
    storage.removeItem('tokens')
    await leaveToSignOut(client)
  },
  places: readablePlacesWithDocuments,
  groups: [
    { title: 'At the API (border control)', actions: [{ name: 'Show the visa', term: 'Access token', run: showVisa }] },
    {
      title: 'Where it keeps its tokens',
      actions: [
        {
          name: 'In localStorage, for ever',
          term: 'localStorage',
          run: () => moveTo(localStorage, 'localStorage'),
          always: true,
        },
        {
          name: 'In sessionStorage, for this tab',
          term: 'sessionStorage',
          run: () => moveTo(sessionStorage, 'sessionStorage'),
          always: true,
        },
      ],
    },
    {
      title: 'Attacks (thieves)',
      actions: [{ name: 'Write into the guest book', term: 'XSS, one line', run: writeIntoGuestBook }],
    },
    {
      title: 'As a sibling of the other apps',
      actions: [
        { name: 'Plant a cookie', term: 'Cookie tossing', run: plantCookies, always: true },
        { name: 'Sign out by <img>', term: 'Logout CSRF', run: signOutByImage, always: true },
      ],
    },
  ],
  honest: [
    'It takes visa and renewal away, in one line that knows nothing of this app. The visa works from anywhere until it expires; the renewal works for hours, without the page, without the user.',
    'sessionStorage changes how long the tokens lie there, not who can read them.',
    'Rotation helps a little: when thief and app have both used the renewal, the family ends. Until then, and on a Friday evening, it is the thief who is signed in.',
  ],
  more: [
    el(
      'section',
      { class: 'panel wide' },
      el('h2', {}, 'The guest book'),
      el('p', {}, 'It shows entries as they were written. This one has been written:'),
      el('code', { class: 'line-of-script' }, theLine),
      el('div', { id: 'guest-book' }),
    ),
  ],
})

const back = await returnFromSignIn(client)
if (back !== undefined && 'tokens' in back) {
  const { accessToken, refreshToken, idToken, expiresAt, name } = back.tokens
  const record = { access_token: accessToken, refresh_token: refreshToken, id_token: idToken, expiresAt, name }
  storage.setItem('tokens', JSON.stringify(record))
  note('I have everything, and put it where I find it again. So does everybody.')
}
board.refresh()

/** @returns {readonly import('/board/board.js').Place[]} */
function readablePlacesWithDocuments() {
  const tokens = stored()
  const name = storage === localStorage ? 'localStorage' : 'sessionStorage'
  return readablePlaces().map((place) =>
    place.name !== name || tokens === undefined
      ? place
      : { ...place, holds: [{ kind: 'visa', expiresAt: tokens.expiresAt }, { kind: 'passport' }, { kind: 'renewal' }] },
  )
}

async function showVisa() {
  const tokens = stored()
  return tokens === undefined ? signInAgain : describe(await askApi(tokens.accessToken))
}

/**
 * @param {Storage} target
 * @param {string} name
 * @returns {Promise<import('/board/board.js').Answer>}
 */
async function moveTo(target, name) {
  const tokens = storage.getItem('tokens')
  storage.removeItem('tokens')
  storage = target
  localStorage.setItem('store', name)
  if (tokens !== null) storage.setItem('tokens', tokens)
  board.refresh()
  return Promise.resolve({ outcome: 'done', stamp: 'Moved', text: `The tokens are in ${name} now.` })
}

/**
 * The second mistake: text of somebody else's becomes HTML. The third is the missing Content-Security-Policy.
 *
 * @returns {Promise<import('/board/board.js').Answer>}
 */
async function writeIntoGuestBook() {
  const entry = el('p')
  entry.innerHTML = `Nice site! <img src="x" alt="" onerror="${theLine.replaceAll('"', '&quot;')}">`
  document.getElementById('guest-book')?.append(entry)
  return Promise.resolve({
    outcome: 'refused',
    stamp: 'Gone',
    text: 'Visa and renewal are with evil.b.localhost. See below what the thief does with them.',
  })
}

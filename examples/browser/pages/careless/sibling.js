// @ts-check
import { origins } from '/board/origins.js'

/** @typedef {import('/board/board.js').Answer} Answer */

const SITE = 'a.localhost'
const SHORT = 'Max-Age=60'

/**
 * What a sibling can do to the cookies of the whole site: it may set one for every host below `a.localhost`, and a server
 * cannot see who set what it is sent. Only the prefix of the name is guarded, by the browser.
 *
 * @returns {Promise<Answer>}
 */
export async function plantCookies() {
  const plain = 'planted'
  const guarded = ['__Host-Http-refresh', '__Host-Http-session']
  for (const name of [plain, ...guarded]) {
    for (const path of ['/', '/session/refresh']) {
      document.cookie = `${name}=mine; Domain=${SITE}; Path=${path}; Secure; ${SHORT}`
      // A cookie without a name is sent as its value alone, which then looks like a name and a value.
      document.cookie = `=${name}=mine; Domain=${SITE}; Path=${path}; Secure; ${SHORT}`
    }
    await fetch('/plant', { method: 'POST', body: new URLSearchParams({ name, value: 'mine' }) })
  }
  const received = /** @type {readonly string[]} */ (await (await fetch('/received')).json())
  const tell = (/** @type {string} */ name) =>
    `${name}: ${received.includes(name) ? 'planted, for every host of the site.' : 'the browser refused.'}`
  const isSafe = guarded.every((name) => !received.includes(name))
  return {
    outcome: isSafe ? 'done' : 'refused',
    stamp: isSafe ? 'Refused by name' : 'Planted',
    text: `By script, without a name, and by header, each for all of ${SITE}:`,
    findings: [plain, ...guarded].map(tell),
  }
}

/**
 * An image is a GET with the cookies of its host, and siblings are the same site: SameSite does not stop it.
 *
 * @returns {Promise<Answer>}
 */
export async function signOutByImage() {
  const targets = [`${origins.bff}/sign-in`, `${origins.bff}/sign-out`, `${origins.auth}/session`]
  await Promise.all(targets.map(load))
  return {
    outcome: 'done',
    stamp: 'Sent',
    text: 'Three images, three requests with cookies. Look at the guide and at the app: a GET ends nothing there, and begins nothing.',
    findings: targets.map((target) => `GET ${target}`),
  }
}

/** @param {string} src */
function load(src) {
  return new Promise((resolve) => {
    const image = new Image()
    image.addEventListener('load', resolve)
    image.addEventListener('error', resolve)
    image.src = src
  })
}

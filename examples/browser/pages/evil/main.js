// @ts-check
import { byId, el } from '/board/dom.js'
import { origins } from '/board/origins.js'

/** @type {readonly { name: string; run: () => Promise<string> }[]} */
const attempts = [
  { name: 'Send a form to the guide', run: sendForm },
  { name: 'Order at the guide by script', run: () => forge(`${origins.bff}/api/orders`, {}) },
  { name: 'The same, with the header', run: () => forge(`${origins.bff}/api/orders`, { 'x-csrf': '1' }) },
  { name: 'Renew at the renewal desk', run: () => forge(`${origins.auth}/session/refresh`, { 'x-csrf': '1' }) },
  { name: 'Sign in at the shop as the thief', run: () => forge(`${origins.plain}/sign-in`, {}) },
  { name: 'Sign the victim out', run: () => forge(`${origins.bff}/sign-out`, {}) },
  { name: 'Replay an old renewal', run: replay },
]

byId('buttons').append(
  ...attempts.map(({ name, run }) => {
    const button = el('button', { class: 'quiet' }, name)
    button.addEventListener('click', () => {
      const tell = (/** @type {unknown} */ outcome) => {
        byId('outcomes').prepend(el('li', {}, el('b', {}, `${name}: `), String(outcome)))
        byId('none-yet').hidden = true
      }
      run().then(tell, tell)
    })
    return button
  }),
)

/** @typedef {{ id: number; from: string; to: string; message?: string }} Entry */

let seen = 0

async function readJournal() {
  const response = await fetch(`/journal?after=${String(seen)}`)
  const entries = /** @type {readonly Entry[]} */ (await response.json())
  seen = entries.at(-1)?.id ?? seen
  return entries
}

/**
 * What came of a request that was sent. A browser does not tell its sender; the journal of the servers does, here alone.
 *
 * @param {string} server
 */
async function findOutcome(server) {
  for (let look = 0; look < 10; look++) {
    const refusal = (await readJournal()).find(({ from, to }) => from === server && to === 'evil')
    const [, status] = /^(\d{3}) /m.exec(refusal?.message ?? '') ?? []
    if (status !== undefined) return `sent, and refused: ${status}. A browser does not tell; the server's journal does.`
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return 'sent. What came of it, a browser does not tell.'
}

/** A form needs no permission of anybody's to be sent. */
async function sendForm() {
  await readJournal()
  const form = el('form', { method: 'post', action: `${origins.bff}/api/orders`, target: 'nowhere' })
  document.body.append(form)
  form.submit()
  form.remove()
  return findOutcome('bff')
}

/**
 * What a form could send is sent without asking anybody. With a header of its own it is not a form's, and the browser
 * asks first (CORS preflight).
 *
 * @param {string} url
 * @param {Readonly<Record<string, string>>} headers
 */
async function forge(url, headers) {
  await readJournal()
  const isSimple = Object.keys(headers).length === 0
  const answer = fetch(url, { method: 'POST', credentials: 'include', headers, mode: isSimple ? 'no-cors' : 'cors' })
  const arrived = await answer.then(() => true).catch(() => false)
  if (isSimple || arrived) return findOutcome(roleOf(url))
  return 'the browser asked whether it may, and it may not (CORS).'
}

/** @param {string} url */
function roleOf(url) {
  return Object.entries(origins).find(([, origin]) => origin === new URL(url).origin)?.[0] ?? ''
}

/** No browser in between: the thief's server sends a cookie that it copied. */
async function replay() {
  const response = await fetch('/replay', { method: 'POST' })
  const { status } = /** @type {{ status?: number }} */ (await response.json())
  if (status === undefined) return 'the thief has no used renewal yet. Renew twice in the app, then come back.'
  return `${String(status)}. It was used before: the passport office ends the whole family.`
}

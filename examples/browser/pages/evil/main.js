// @ts-check
import { byId, el } from '/board/dom.js'
import { origins } from '/board/origins.js'

/** @type {readonly { name: string; run: () => Promise<string> }[]} */
const attempts = [
  { name: 'Send a form to the guide', run: sendForm },
  { name: 'Order at the guide by script', run: () => forge(`${origins.bff}/api/orders`, {}) },
  { name: 'The same, with the header', run: () => forge(`${origins.bff}/api/orders`, { 'x-csrf': '1' }) },
  { name: 'Renew at the renewal desk', run: () => forge(`${origins.auth}/session/refresh`, { 'x-csrf': '1' }) },
  { name: 'Sign the victim out', run: () => forge(`${origins.bff}/sign-out`, {}) },
  { name: 'Replay an old renewal', run: replay },
]

byId('buttons').append(
  ...attempts.map(({ name, run }) => {
    const button = el('button', { class: 'quiet' }, name)
    button.addEventListener('click', () => {
      void run().then((outcome) => {
        byId('outcomes').prepend(el('li', {}, el('b', {}, `${name}: `), outcome))
      })
    })
    return button
  }),
)

/** A form needs no permission of anybody's to be sent. */
function sendForm() {
  const form = el('form', { method: 'post', action: `${origins.bff}/api/orders`, target: 'nowhere' })
  document.body.append(form)
  form.submit()
  form.remove()
  return Promise.resolve('sent. What came of it, a browser does not tell.')
}

/**
 * What a form could send is sent without asking anybody. With a header of its own it is not a form's, and the browser
 * asks first (CORS preflight).
 *
 * @param {string} url
 * @param {Readonly<Record<string, string>>} headers
 */
async function forge(url, headers) {
  const isSimple = Object.keys(headers).length === 0
  const answer = fetch(url, { method: 'POST', credentials: 'include', headers, mode: isSimple ? 'no-cors' : 'cors' })
  const arrived = await answer.then(() => true).catch(() => false)
  if (isSimple || arrived) return 'sent. What came of it, a browser does not tell.'
  return 'the browser asked whether it may, and it may not (CORS).'
}

/** No browser in between: the thief's server sends a cookie that it copied. */
async function replay() {
  const response = await fetch('/replay', { method: 'POST' })
  const { status } = /** @type {{ status?: number }} */ (await response.json())
  if (status === undefined) return 'the thief has no used renewal yet. Renew twice in the app, then come back.'
  return `${String(status)}. It was used before: the passport office ends the whole family.`
}

// @ts-check
import { byId, el, icon } from './dom.js'
import { drawMessages } from './timeline.js'

/**
 * @typedef {import('./board.js').Action} Action
 * @typedef {import('./board.js').Answer} Answer
 */

const EMPTY = 'The answer will be here.'

/**
 * What was sent since the last button was pressed.
 *
 * @type {string[]}
 */
let messages = []
let pressedAt = Infinity

/**
 * The buttons, and beside them or, on a phone, at the edge of the screen, the answer.
 *
 * @param {readonly { title: string; actions: readonly Action[] }[]} groups
 */
export function drawActions(groups) {
  const drawn = groups.flatMap(({ title, actions }) => [
    el('h3', {}, title),
    el('div', { class: 'buttons' }, ...actions.map(drawAction)),
  ])
  return el(
    'div',
    { class: 'try' },
    el(
      'section',
      { class: 'panel actions' },
      el('h2', {}, 'Try it'),
      el('p', { id: 'why-off' }, 'The grey ones need somebody who is signed in: sign in first.'),
      ...drawn,
    ),
    el(
      'section',
      { class: 'panel answer-panel', 'aria-label': 'Answer' },
      el('div', { class: 'answer', id: 'answer', role: 'status' }, el('p', {}, EMPTY)),
      el('div', { id: 'messages' }),
    ),
  )
}

/** @param {Action} action */
function drawAction({ name, term, run, always }) {
  const attributes = { class: 'quiet', ...(always === true ? {} : { 'data-signed-in': '' }) }
  const button = el('button', attributes, term, el('small', {}, name))
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') === 'true') {
      show({ outcome: 'refused', stamp: 'Not yet', text: 'This needs somebody who is signed in. Sign in first.' })
      return
    }
    forgetMessages()
    pressedAt = Date.now()
    run().then(show, showFailure)
  })
  return button
}

/**
 * Buttons that are off can still be reached and say why.
 *
 * @param {boolean} isSignedIn
 */
export function switchActions(isSignedIn) {
  byId('why-off').toggleAttribute('hidden', isSignedIn)
  for (const button of document.querySelectorAll('button[data-signed-in]')) {
    if (isSignedIn) {
      button.removeAttribute('aria-disabled')
      button.removeAttribute('aria-describedby')
    } else {
      button.setAttribute('aria-disabled', 'true')
      button.setAttribute('aria-describedby', 'why-off')
    }
  }
}

function forgetMessages() {
  messages = []
  byId('messages').replaceChildren()
}

/**
 * Keeps what was sent because of the last button, one click away from its answer.
 *
 * @param {string} message
 * @param {number} at
 */
export function addMessage(message, at) {
  if (at < pressedAt) return
  messages.push(message)
  const name = messages.length === 1 ? 'The real message' : `The ${String(messages.length)} real messages`
  const [before] = byId('messages').getElementsByTagName('details')
  const details = drawMessages(name, () => messages)
  // Whoever is reading goes on reading.
  if (before?.open === true) details.open = true
  const isFocused = before?.contains(document.activeElement) === true
  byId('messages').replaceChildren(details)
  if (isFocused) details.querySelector('summary')?.focus()
}

/** @param {unknown} error */
export function showFailure(error) {
  show({ outcome: 'refused', stamp: 'That failed', text: String(error) })
}

export function clearAnswer() {
  const target = byId('answer')
  delete target.dataset['outcome']
  target.replaceChildren(el('p', {}, EMPTY))
  forgetMessages()
  pressedAt = Infinity
}

/** @param {Answer | undefined} answer */
export function show(answer) {
  if (answer === undefined) return
  const { outcome, stamp, code, text, findings = [] } = answer
  const target = byId('answer')
  target.dataset['outcome'] = outcome
  target.replaceChildren(
    el(
      'p',
      { class: 'stamp' },
      icon(outcome),
      el('span', {}, stamp),
      code === undefined ? undefined : el('code', {}, code),
    ),
    el('p', {}, text),
    findings.length === 0 ? '' : el('ul', { class: 'findings' }, ...findings.map((found) => el('li', {}, found))),
  )
}

// @ts-check
import { parts } from './cast.js'
import { byId, el, icon } from './dom.js'
import { origins } from './origins.js'

const KEPT = 60

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} at
 * @property {import('./origins.js').Role} from
 * @property {import('./origins.js').Role} [to]
 * @property {string} text
 * @property {'done' | 'refused'} outcome
 * @property {string} [page] Whose doing it was.
 * @property {string} [user]
 * @property {string} [message] What was sent and answered, with every secret shortened.
 */

const here = Object.entries(origins).find(([, origin]) => origin === location.origin)?.[0]

/** @type {string | undefined} */
let visitor
let isEverybody = false

/**
 * What this page and its user caused. While nobody is signed in: what happened since the page was opened.
 *
 * @param {Omit<Entry, 'id'>} entry
 */
function isOurs({ page, user, at }) {
  if (page !== undefined && page !== here) return false
  if (visitor === undefined) return Date.parse(at) >= performance.timeOrigin
  return user === undefined || user === visitor
}

/** @type {WeakMap<Element, Omit<Entry, 'id'>>} */
const entryOf = new WeakMap()

export function drawTimeline() {
  const everybody = el('button', { class: 'quiet small', 'aria-pressed': 'false' }, 'Everybody')
  everybody.addEventListener('click', () => {
    isEverybody = !isEverybody
    everybody.setAttribute('aria-pressed', String(isEverybody))
    filter()
  })
  return el(
    'section',
    { class: 'panel happened' },
    el('div', { class: 'heading' }, el('h2', {}, 'What just happened'), everybody),
    el(
      'div',
      { class: 'log', id: 'log', tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': 'What just happened' },
      el('p', { class: 'nothing', id: 'nothing-yet' }, 'Nothing yet. Sign in, or press a button.'),
      el('ol', { class: 'timeline', id: 'timeline' }),
    ),
  )
}

/**
 * Shows what this page and its user caused, and hides what others did.
 *
 * @param {string | undefined} user
 */
export function showTimelineOf(user) {
  visitor = user
  filter()
}

function filter() {
  const rows = [...byId('timeline').children]
  for (const row of rows) {
    const entry = entryOf.get(row)
    row.toggleAttribute('hidden', !(isEverybody || entry === undefined || isOurs(entry)))
  }
  byId('nothing-yet').toggleAttribute(
    'hidden',
    rows.some((row) => !row.hasAttribute('hidden')),
  )
}

/** @param {Omit<Entry, 'id'>} entry */
function draw(entry) {
  const { at, from, to, text, outcome, message } = entry
  const list = byId('timeline')
  const time = el('time', { datetime: at }, new Date(at).toLocaleTimeString('en-GB'))
  const row = el(
    'li',
    { 'data-outcome': outcome },
    time,
    el(
      'div',
      {},
      outcome === 'refused' ? el('span', { class: 'mark' }, icon('refused'), 'refused') : undefined,
      el('b', {}, `${parts[from].term}: `),
      text,
      to === undefined || to === from ? undefined : el('small', {}, ` to: ${parts[to].term}`),
      message === undefined ? undefined : drawMessages('Message', () => [message]),
    ),
  )
  entryOf.set(row, entry)
  list.prepend(row)
  while (list.childElementCount > KEPT) list.lastElementChild?.remove()
}

/**
 * Folded messages. They are drawn when somebody opens them.
 *
 * @param {string} name
 * @param {() => readonly string[]} read
 */
export function drawMessages(name, read) {
  const content = el('div')
  const details = el('details', { class: 'messages' }, el('summary', {}, name), content)
  details.addEventListener('toggle', () => {
    content.replaceChildren(...(details.open ? read().map((message) => el('pre', {}, message)) : []))
  })
  return details
}

const INTERVAL_MILLISECONDS = 500
let seen = 0
/** @type {((message: string, at: number) => void) | undefined} */
let hear

/**
 * What the servers tell of themselves: asked for now and then, and by pages that somebody sees. A stream that stays open in
 * each tab would take one of the six connections that a browser has for a host, and the seventh tab would wait for ever.
 *
 * @param {(message: string, at: number) => void} listener Told of every message that this page and its user caused.
 */
export async function followJournal(listener) {
  await look()
  hear = listener
  // What was there before is not read out.
  byId('log').setAttribute('aria-live', 'polite')
  lookLater()
}

function lookLater() {
  setTimeout(() => void look().finally(lookLater), INTERVAL_MILLISECONDS)
}

async function look() {
  if (document.hidden) return
  const signal = AbortSignal.timeout(5000)
  const response = await fetch(`/journal?after=${String(seen)}`, { signal }).catch(() => undefined)
  if (response?.ok !== true) return
  for (const entry of /** @type {readonly Entry[]} */ (await response.json())) {
    seen = entry.id
    draw(entry)
    pointAt(entry)
    if (entry.message !== undefined && isOurs(entry)) hear?.(entry.message, Date.parse(entry.at))
  }
  filter()
}

/**
 * Lights up whoever has just spoken.
 *
 * @param {Omit<Entry, 'id'>} entry
 */
function pointAt({ from, outcome, at }) {
  const isNews = Date.now() - Date.parse(at) < 2000
  if (!isNews || matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const colour = `var(--${outcome === 'done' ? 'visa' : 'danger'})`
  const lit = { boxShadow: `0 0 0 3px ${colour}` }
  document.querySelector(`[data-role="${from}"]`)?.animate([lit, { boxShadow: '0 0 0 3px transparent' }], 1200)
}

/**
 * What this page tells of itself.
 *
 * @param {string} text
 * @param {'done' | 'refused'} [outcome]
 */
export function note(text, outcome = 'done') {
  draw({ at: new Date().toISOString(), from: here === 'bff' || here === 'plain' ? here : 'app', text, outcome })
  filter()
}

// @ts-check
import { parts } from './cast.js'
import { byId, el } from './dom.js'

const KEPT = 60

/**
 * @typedef {object} Entry
 * @property {string} at
 * @property {import('./origins.js').Role} from
 * @property {string} text
 * @property {'done' | 'refused'} outcome
 */

/** @param {Entry} entry */
function draw({ at, from, text, outcome }) {
  const list = byId('timeline')
  const time = el('time', { datetime: at }, new Date(at).toLocaleTimeString('en-GB'))
  list.prepend(el('li', { 'data-outcome': outcome }, time, el('span', {}, el('b', {}, `${parts[from].name}: `), text)))
  while (list.childElementCount > KEPT) list.lastElementChild?.remove()
}

/** What the servers tell of themselves. */
export function followJournal() {
  new EventSource('/journal').addEventListener('message', (/** @type {MessageEvent<string>} */ { data }) => {
    const entry = /** @type {Entry} */ (JSON.parse(data)) // our own server's
    draw(entry)
    pointAt(entry)
  })
}

/**
 * Lights up whoever has just spoken.
 *
 * @param {Entry} entry
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
  draw({ at: new Date().toISOString(), from: 'app', text, outcome })
}

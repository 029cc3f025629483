// @ts-check
import { parts } from './cast.js'
import { byId, el } from './dom.js'

const KEPT = 60

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} at
 * @property {import('./origins.js').Role} from
 * @property {string} text
 * @property {'done' | 'refused'} outcome
 */

/** @param {Omit<Entry, 'id'>} entry */
function draw({ at, from, text, outcome }) {
  const list = byId('timeline')
  const time = el('time', { datetime: at }, new Date(at).toLocaleTimeString('en-GB'))
  list.prepend(el('li', { 'data-outcome': outcome }, time, el('span', {}, el('b', {}, `${parts[from].name}: `), text)))
  while (list.childElementCount > KEPT) list.lastElementChild?.remove()
}

const INTERVAL_MILLISECONDS = 500
let seen = 0

/**
 * What the servers tell of themselves: asked for now and then, and by pages that somebody sees. A stream that stays open in
 * each tab would take one of the six connections that a browser has for a host, and the seventh tab would wait for ever.
 */
export function followJournal() {
  void look().finally(() => setTimeout(followJournal, INTERVAL_MILLISECONDS))
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
  }
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
  draw({ at: new Date().toISOString(), from: 'app', text, outcome })
}

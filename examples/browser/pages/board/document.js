// @ts-check
import { documents } from './cast.js'
import { el, icon } from './dom.js'

/**
 * @typedef {import('./cast.js').Document} Document
 * @typedef {import('./board.js').Place} Place
 */

/** @param {Document} document */
export function drawDocument({ kind, expiresAt, note: remark }) {
  const { term, name } = documents[kind]
  const life = expiresAt === undefined ? {} : { 'data-expires-at': String(expiresAt) }
  return el(
    'span',
    { class: `document ${kind}` },
    icon(kind),
    term,
    expiresAt === undefined ? el('small', {}, remark ?? name) : el('small', life, lifeOf(expiresAt)),
  )
}

/** @param {number} expiresAt */
function lifeOf(expiresAt) {
  const left = Math.round((expiresAt - Date.now()) / 1000)
  return left > 0 ? `${String(left)} s` : 'expired'
}

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap()

/**
 * Draws who holds what, if that has changed, and how long it still lives. A selection survives the second that passes.
 *
 * @param {HTMLElement} target
 * @param {readonly Place[]} places
 */
export function drawPlaces(target, places) {
  const text = JSON.stringify(places)
  if (drawn.get(target) !== text) {
    drawn.set(target, text)
    target.replaceChildren(...places.map(drawPlace))
  }
  for (const small of target.querySelectorAll('small')) {
    const { expiresAt } = small.dataset
    const life = expiresAt === undefined ? small.textContent : lifeOf(Number(expiresAt))
    if (small.textContent !== life) small.textContent = life
  }
}

/** @param {Place} place */
function drawPlace({ name, reach, holds }) {
  const held = holds.map((one) => (typeof one === 'string' ? one : drawDocument(one)))
  const content = held.length > 0 ? held : [el('span', { class: 'nothing' }, 'nothing')]
  return el('div', { class: 'place' }, el('dt', {}, name, el('small', {}, reach)), el('dd', {}, ...content))
}

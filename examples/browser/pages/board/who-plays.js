// @ts-check
import { documents, parts } from './cast.js'
import { drawDocument } from './document.js'
import { el, icon } from './dom.js'
import { origins } from './origins.js'

/**
 * Who plays which part, site by site, and what each document is. To be folded away once it is known.
 *
 * @param {readonly (readonly import('./origins.js').Role[])[]} countries
 * @param {readonly import('./cast.js').Kind[]} kinds Those that this page has.
 */
export function drawCast(countries, kinds) {
  const sites = countries.map((roles) => {
    const [, site = ''] = /\.([ab]\.localhost)/.exec(origins[roles[0] ?? 'app']) ?? []
    const cards = roles.map((role) => {
      const { name, term, does } = parts[role]
      return el(
        'li',
        { class: 'part', 'data-role': role },
        el('h4', {}, icon(role), term),
        el('p', {}, name),
        el('p', {}, el('code', {}, new URL(origins[role]).hostname)),
        el('p', {}, does),
      )
    })
    return el('div', { class: 'country' }, el('h3', {}, `site ${site}`), el('ul', { class: 'parts' }, ...cards))
  })
  const legend = kinds.map((kind) => {
    const { purpose, source, href } = documents[kind]
    return el(
      'div',
      {},
      el('dt', {}, drawDocument({ kind })),
      el('dd', {}, purpose, el('br'), el('a', { href }, source)),
    )
  })
  return el(
    'details',
    { class: 'panel wide cast', id: 'cast' },
    el('summary', {}, el('h2', {}, 'Who plays which part')),
    el('div', { class: 'countries' }, ...sites),
    legend.length === 0 ? undefined : el('dl', { class: 'legend' }, ...legend),
  )
}

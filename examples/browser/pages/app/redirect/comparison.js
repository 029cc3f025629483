// @ts-check
import { el } from '/board/dom.js'
import { origins } from '/board/origins.js'

/** The ways to stay signed in when the provider is on another site. */
export function drawComparison() {
  const rows = [
    [
      "A server on the app's own site",
      'Refresh token in a first-party cookie of auth.a.localhost',
      'One small service beside the app',
      `${origins.app}/`,
      'In memory',
    ],
    [
      'Top-level redirect',
      "The provider's own session, first-party on its ground",
      'Nothing; but the page leaves, and loses what it held',
      `${origins.app}/redirect/`,
      'This page',
    ],
    [
      'BFF (guide)',
      'One session cookie, all tokens on the server',
      'A backend that passes every call on',
      `${origins.bff}/`,
      'BFF',
    ],
  ]
  const head = ['Answer', 'What keeps the user signed in', 'What it takes', 'Watch']
  return el(
    'section',
    { class: 'panel wide' },
    el('h2', {}, 'Three answers, side by side'),
    el(
      'p',
      {},
      "A hidden frame was the fourth. It needs the provider's cookie on your site, a third-party cookie: Safari and Firefox block or partition those, Chrome asks its user.",
    ),
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Three answers' },
      el(
        'table',
        { class: 'comparison' },
        el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { scope: 'col' }, text)))),
        el(
          'tbody',
          {},
          ...rows.map(([name = '', keeps = '', takes = '', href = '', label = '']) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row' }, name),
              el('td', {}, keeps),
              el('td', {}, takes),
              el('td', {}, el('a', { href }, label)),
            ),
          ),
        ),
      ),
    ),
  )
}

// @ts-check
import { documents, parts } from './cast.js'
import { byId, el, icon } from './dom.js'
import { origins } from './origins.js'
import { applyTheme, switchTheme } from './theme.js'
import { followJournal } from './timeline.js'

/**
 * @typedef {import('./cast.js').Document} Document
 * @typedef {import('./origins.js').Role} Role
 *
 * @typedef {object} Place Somewhere that something can be kept.
 * @property {string} name
 * @property {string} reach Who can read it, and for how long it lasts.
 * @property {readonly (Document | string)[]} holds
 *
 * @typedef {object} Answer What came of an action.
 * @property {'done' | 'refused'} outcome
 * @property {string} stamp Short and large: a status, or two words.
 * @property {string} [code]
 * @property {string} text
 * @property {readonly string[]} [findings]
 *
 * @typedef {object} Action
 * @property {string} name
 * @property {string} term What it is in the words of the specifications.
 * @property {() => Promise<Answer | undefined>} run
 * @property {boolean} [always] Whether it makes sense before sign-in.
 *
 * @typedef {object} Mode
 * @property {string} path Of the page, to mark it in the menu.
 * @property {string} title
 * @property {string} lead
 * @property {readonly (readonly Role[])[]} countries Who takes part, site by site.
 * @property {() => string | undefined} user Who is signed in.
 * @property {() => boolean} [isUnknown] Whether that cannot be told, because a server does not answer.
 * @property {() => Promise<void>} signIn
 * @property {() => Promise<void>} signOut
 * @property {() => readonly Place[]} places
 * @property {readonly { title: string; actions: readonly Action[] }[]} groups
 * @property {readonly string[]} honest What injected script can still do.
 * @property {readonly HTMLElement[]} [more] Further panels.
 */

const modes = [
  { name: 'In memory', href: `${origins.app}/` },
  { name: 'Different domains', href: `${origins.app}/redirect/` },
  { name: 'Guide (BFF)', href: `${origins.bff}/` },
  { name: 'What not to do', href: `${origins.careless}/`, warning: true },
]

/**
 * Draws the board for a mode, and answers how to draw again what changes.
 *
 * @param {Mode} mode
 */
export function createBoard(mode) {
  applyTheme()
  document.title = `${mode.title} - passport, visa, renewal`
  document.body.replaceChildren(drawTop(mode), el('main', { class: 'wrap' }, drawStory(mode), drawBoard(mode)))
  const refresh = () => {
    drawWho(mode)
    drawPlaces(mode)
    for (const button of document.querySelectorAll('button[data-signed-in]')) {
      button.toggleAttribute('disabled', mode.user() === undefined)
    }
  }
  refresh()
  setInterval(() => {
    drawPlaces(mode)
  }, 1000)
  followJournal()
  // The button "Back" may bring the page back as it was, with names and orders from before a sign-out.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
  const clear = () => {
    clearAnswer()
    refresh()
  }
  return { refresh, show, clear }
}

/** @param {Mode} mode */
function drawTop({ path }) {
  const links = modes.map(({ name, href, warning }) => {
    const isHere = href === `${location.origin}${path}`
    const attributes = {
      href,
      ...(isHere ? { 'aria-current': 'page' } : {}),
      ...(warning === true ? { class: 'warning' } : {}),
    }
    return el('a', attributes, name)
  })
  const theme = el('button', { class: 'quiet', 'aria-label': 'Switch between light and dark' }, icon('theme'))
  theme.addEventListener('click', switchTheme)
  return el(
    'header',
    { class: 'top' },
    el(
      'div',
      { class: 'wrap' },
      el('a', { class: 'brand', href: `${origins.app}/` }, icon('passport'), 'Passport, visa, renewal'),
      el('nav', { class: 'modes', 'aria-label': 'Where the tokens live' }, ...links),
      theme,
    ),
  )
}

/** @param {Mode} mode */
function drawStory({ title, lead }) {
  return el(
    'div',
    { class: 'story' },
    el('div', {}, el('h1', {}, title), el('p', { class: 'lead' }, lead)),
    el('div', { class: 'who', id: 'who', role: 'status' }),
  )
}

/** @param {Mode} mode */
function drawBoard(mode) {
  const places = el('dl', { class: 'places', id: 'places' })
  const timeline = el('ol', { class: 'timeline', id: 'timeline', tabindex: '0', 'aria-label': 'Timeline' })
  return el(
    'div',
    { class: 'board' },
    drawCast(mode),
    el('div', { class: 'column' }, drawActions(mode), drawHonest(mode)),
    el(
      'div',
      { class: 'column' },
      el('section', { class: 'panel' }, el('h2', {}, 'Where everything is right now'), places),
      el('section', { class: 'panel' }, el('h2', {}, 'What just happened'), timeline),
    ),
    ...(mode.more ?? []),
  )
}

/** @param {Mode} mode */
function drawHonest({ honest }) {
  return el(
    'section',
    { class: 'panel honest' },
    el('h2', {}, 'What injected script can still do here'),
    el('ul', {}, ...honest.map((text) => el('li', {}, text))),
  )
}

/** @param {Mode} mode */
function drawCast({ countries }) {
  const sites = countries.map((roles) => {
    const [, site = ''] = /\.([ab]\.localhost)/.exec(origins[roles[0] ?? 'app']) ?? []
    const cards = roles.map((role) => {
      const { name, term, does } = parts[role]
      return el(
        'li',
        { class: 'part', 'data-role': role },
        el('h4', {}, icon(role), name),
        el('p', {}, term),
        el('p', {}, el('code', {}, new URL(origins[role]).hostname)),
        el('p', {}, does),
      )
    })
    return el('div', { class: 'country' }, el('h3', {}, `site ${site}`), el('ul', { class: 'parts' }, ...cards))
  })
  const legend = Object.entries(documents).map(([kind, { term, purpose }]) =>
    el(
      'div',
      {},
      el('dt', {}, drawDocument({ kind: /** @type {Document['kind']} */ (kind) })),
      el('dd', {}, `${term}: ${purpose}`),
    ),
  )
  return el(
    'section',
    { class: 'panel wide' },
    el('h2', {}, 'Who plays which part'),
    el('div', { class: 'countries' }, ...sites),
    el('dl', { class: 'legend' }, ...legend),
  )
}

/** @param {Document} document */
function drawDocument({ kind, expiresAt, note: remark }) {
  const left = expiresAt === undefined ? undefined : Math.round((expiresAt - Date.now()) / 1000)
  const life = left === undefined ? remark : left > 0 ? `${String(left)} s` : 'expired'
  return el(
    'span',
    { class: `document ${kind}` },
    icon(kind),
    documents[kind].name,
    life === undefined ? undefined : el('small', {}, life),
  )
}

/** @param {Mode} mode */
function drawWho(mode) {
  const { text, name, run } = whoIs(mode)
  const button = el('button', {}, name)
  button.addEventListener('click', () => {
    run().catch(showFailure)
  })
  byId('who').replaceChildren(el('p', {}, text), button)
}

/** @param {Mode} mode */
function whoIs({ user: find, isUnknown, signIn, signOut }) {
  const user = find()
  if (user !== undefined) return { text: `Signed in as ${user}.`, name: 'Sign out', run: signOut }
  if (isUnknown?.() !== true) return { text: 'Nobody is signed in.', name: 'Sign in', run: signIn }
  const lookAgain = () => {
    location.reload()
    return Promise.resolve()
  }
  return { text: 'Who is signed in cannot be told right now.', name: 'Look again', run: lookAgain }
}

/** @param {Mode} mode */
function drawPlaces({ places }) {
  const rows = places().map(({ name, reach, holds }) => {
    const held = holds.map((one) => (typeof one === 'string' ? one : drawDocument(one)))
    const content = held.length > 0 ? held : [el('span', { class: 'nothing' }, 'nothing')]
    return el('div', { class: 'place' }, el('dt', {}, name, el('small', {}, reach)), el('dd', {}, ...content))
  })
  byId('places').replaceChildren(...rows)
}

/** @param {Mode} mode */
function drawActions({ groups }) {
  const drawn = groups.flatMap(({ title, actions }) => [
    el('h3', {}, title),
    el('div', { class: 'buttons' }, ...actions.map(drawAction)),
  ])
  return el(
    'section',
    { class: 'panel actions' },
    el('h2', {}, 'Try it'),
    ...drawn,
    el('div', { class: 'answer', id: 'answer', role: 'status' }, el('p', {}, 'The answer will be here.')),
  )
}

/** @param {Action} action */
function drawAction({ name, term, run, always }) {
  const attributes = { class: 'quiet', ...(always === true ? {} : { 'data-signed-in': '' }) }
  const button = el('button', attributes, name, el('small', {}, term))
  button.addEventListener('click', () => {
    run().then(show, showFailure)
  })
  return button
}

/** @param {unknown} error */
function showFailure(error) {
  show({ outcome: 'refused', stamp: 'That failed', text: String(error) })
}

function clearAnswer() {
  const target = byId('answer')
  delete target.dataset['outcome']
  target.replaceChildren(el('p', {}, 'The answer will be here.'))
}

/** @param {Answer | undefined} answer */
function show(answer) {
  if (answer === undefined) return
  const { outcome, stamp, code, text, findings = [] } = answer
  const target = byId('answer')
  target.dataset['outcome'] = outcome
  target.replaceChildren(
    el('p', { class: 'stamp' }, stamp, code === undefined ? undefined : el('code', {}, code)),
    el('p', {}, text),
    findings.length === 0 ? '' : el('ul', { class: 'findings' }, ...findings.map((found) => el('li', {}, found))),
  )
}

// @ts-check
import { addMessage, clearAnswer, drawActions, show, showFailure, switchActions } from './actions.js'
import { drawPlaces } from './document.js'
import { el } from './dom.js'
import { drawTimeline, followJournal, showTimelineOf } from './timeline.js'
import { drawTop } from './top.js'
import { drawCast } from './who-plays.js'

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
 * @property {string} name In the story.
 * @property {string} term What it is in the words of the specifications.
 * @property {() => Promise<Answer | undefined>} run
 * @property {boolean} [always] Whether it makes sense before sign-in.
 *
 * @typedef {object} Mode
 * @property {string} path Of the page, to mark it in the menu.
 * @property {string} title
 * @property {string} lead
 * @property {readonly (readonly Role[])[]} countries Who takes part, site by site.
 * @property {readonly import('./cast.js').Kind[]} kinds The documents that take part.
 * @property {() => string | undefined} user Who is signed in.
 * @property {() => boolean} [isUnknown] Whether that cannot be told, because a server does not answer.
 * @property {() => Promise<void>} signIn
 * @property {() => Promise<void>} signOut
 * @property {() => readonly Place[]} places
 * @property {readonly { title: string; actions: readonly Action[] }[]} groups
 * @property {readonly string[]} honest What injected script can still do.
 * @property {readonly HTMLElement[]} [more] Further panels.
 */

/**
 * Draws the board for a mode, and answers how to draw again what changes.
 *
 * @param {Mode} mode
 */
export function createBoard(mode) {
  const { path, title, groups, countries, kinds, more = [] } = mode
  document.title = `${title} - passport, visa, renewal`
  const places = el('dl', { class: 'places', id: 'places' })
  const cast = drawCast(countries, kinds)
  const { story, draw: drawWho } = drawStory(mode)
  document.body.replaceChildren(
    ...drawTop(path),
    el(
      'main',
      { class: 'wrap', id: 'main', tabindex: '-1' },
      story,
      el(
        'div',
        { class: 'board' },
        drawActions(groups),
        drawTimeline(),
        el('section', { class: 'panel held' }, el('h2', {}, 'Where everything is right now'), places),
        cast,
        drawHonest(mode),
        ...more,
      ),
    ),
  )
  const draw = () => {
    drawWho()
    drawPlaces(places, mode.places())
    switchActions(mode.user() !== undefined)
    showTimelineOf(mode.user())
  }
  let isNew = true
  const refresh = () => {
    draw()
    // For who is new here. Who has signed in has seen it, and needs the place.
    if (isNew) cast.open = mode.user() === undefined && mode.isUnknown?.() !== true
    isNew = false
  }
  draw()
  setInterval(() => {
    drawPlaces(places, mode.places())
  }, 1000)
  void followJournal(addMessage)
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

/**
 * What this page is about, and who is signed in: a text that is read out when it changes, and a button that stays.
 *
 * @param {Mode} mode
 */
function drawStory(mode) {
  const text = el('p', { role: 'status', id: 'who' })
  const button = el('button', {}, '')
  let { run } = whoIs(mode)
  button.addEventListener('click', () => {
    run().catch(showFailure)
  })
  const draw = () => {
    const who = whoIs(mode)
    run = who.run
    if (text.textContent !== who.text) text.textContent = who.text
    if (button.textContent !== who.name) button.textContent = who.name
  }
  const story = el(
    'div',
    { class: 'story' },
    el('div', {}, el('h1', {}, mode.title), el('p', { class: 'lead' }, mode.lead)),
    el('div', { class: 'who' }, text, button),
  )
  return { story, draw }
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
function drawHonest({ honest }) {
  return el(
    'section',
    { class: 'panel wide honest' },
    el('h2', {}, 'What injected script can still do here'),
    el('ul', {}, ...honest.map((text) => el('li', {}, text))),
  )
}

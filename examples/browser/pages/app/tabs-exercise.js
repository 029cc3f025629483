// @ts-check
import { el } from '/board/dom.js'

const steps = [
  [
    'Sign in as Ada, and open this page in a second tab.',
    'Signed in there, too: the tabs share the cookie, and each has an access token of its own.',
  ],
  [
    'Press "Silent refresh" in both, one right after the other.',
    'Two refreshes, one after the other: a Web Lock lets one tab at a time use the refresh token. No reuse, nobody is signed out.',
  ],
  ['Close one tab, and open it again.', 'Still signed in: the memory is gone, the cookie is not.'],
  [
    'Sign out in one tab, and look at the other.',
    'It has forgotten you at once, without asking anybody (BroadcastChannel).',
  ],
  [
    'Sign in as Bea in one tab, and look at the other.',
    'It says that somebody else is here now, and asks for nothing in the name of the one before.',
  ],
]

/** What to do with two tabs, and what is to be seen. */
export function drawTabsExercise() {
  return el(
    'section',
    { class: 'panel wide' },
    el('h2', {}, 'An exercise with two tabs'),
    el(
      'p',
      {},
      el('a', { href: '/', target: '_blank' }, 'Open a second tab'),
      ', put the two side by side, and go on step by step.',
    ),
    el('ol', { class: 'steps' }, ...steps.map(([task = '', seen = '']) => el('li', {}, el('b', {}, task), ` ${seen}`))),
  )
}

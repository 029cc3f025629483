// @ts-check
import { el, icon } from './dom.js'
import { origins } from './origins.js'
import { applyTheme, switchTheme } from './theme.js'

const pages = [
  { name: 'In memory', href: `${origins.app}/` },
  { name: 'Different domains', href: `${origins.app}/redirect/` },
  { name: 'BFF', href: `${origins.bff}/` },
  { name: 'Plain session', href: `${origins.plain}/` },
  { name: 'What not to do', href: `${origins.careless}/`, warning: true },
  { name: 'Questions', href: `${origins.app}/questions/` },
]

/**
 * The top of every page: a link past it, the pages, the theme.
 *
 * @param {string} path Of this page, to mark it in the menu.
 */
export function drawTop(path) {
  applyTheme()
  const links = pages.map(({ name, href, warning }) => {
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
  return [
    el('a', { class: 'skip', href: '#main' }, 'Skip to the content'),
    el(
      'header',
      { class: 'top' },
      el(
        'div',
        { class: 'wrap' },
        el('a', { class: 'brand', href: `${origins.app}/` }, icon('passport'), 'Passport, visa, renewal'),
        el('nav', { class: 'modes', 'aria-label': 'Where the tokens live' }, ...links),
        theme,
      ),
    ),
  ]
}

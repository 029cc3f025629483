// @ts-check

/** @typedef {import('./board.js').Place} Place */

/** @param {Storage} storage */
function keysOf(storage) {
  return Object.keys(storage).map((key) => `"${key}"`)
}

/**
 * What every script of this page can read without knowing anything. The board looks, it does not assume.
 *
 * @returns {readonly Place[]}
 */
export function readablePlaces() {
  const cookies =
    document.cookie === '' ? [] : document.cookie.split('; ').map((cookie) => cookie.split('=', 1)[0] ?? '')
  return [
    {
      name: 'localStorage',
      reach: 'every script of this origin, until somebody deletes it',
      holds: keysOf(localStorage),
    },
    { name: 'sessionStorage', reach: 'every script in this tab, until it is closed', holds: keysOf(sessionStorage) },
    { name: 'document.cookie', reach: 'every script of this host', holds: cookies },
  ]
}

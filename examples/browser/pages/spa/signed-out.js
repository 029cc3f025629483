// @ts-check

/**
 * Remembers in this browser that somebody signed out, until somebody signs in: no page of the app signs in again by itself
 * meanwhile. It is no token.
 *
 * @param {string} clientId
 */
export function createSignedOutMark(clientId) {
  const key = `signed-out:${clientId}`
  return {
    set() {
      localStorage.setItem(key, 'yes')
    },
    clear() {
      localStorage.removeItem(key)
    },
    isSet: () => localStorage.getItem(key) !== null,
  }
}

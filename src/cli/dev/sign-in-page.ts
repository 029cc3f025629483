import type { Answer } from './answer.js'
import type { Person } from './people.js'

interface Page {
  readonly people: readonly Person[]
  readonly clientId: string
  readonly scopes: readonly string[] | undefined
  readonly audience: string
  /** Where the browser is sent to then. */
  readonly redirectUri: URL
  /** Of the stylesheet. */
  readonly nonce: string
}

/**
 * The page at which somebody picks who to be. It needs no script. Its form leads to the address that it stands at, with all of
 * its query.
 */
export function signInPage({ people, clientId, scopes, audience, redirectUri, nonce }: Page): Answer {
  const rows = people.map(
    ({ sub, name, email }) =>
      `<li><button name="person" value="${escape(sub)}"><strong>${escape(name)}</strong><span>${escape(
        [sub, email].filter((part) => part !== undefined && part !== name).join(' / '),
      )}</span></button></li>`,
  )
  const asked =
    scopes === undefined ? 'nothing in particular' : scopes.map((one) => `<code>${escape(one)}</code>`).join(' ')
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in (development)</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<p class="note">For development: no password, no safety</p>
<h1>Who do you want to be?</h1>
<form method="post" aria-label="People">
<ul>
${rows.join('\n')}
</ul>
<dl>
<div><dt>Client</dt><dd><code>${escape(clientId)}</code></dd></div>
<div><dt>Asks for</dt><dd>${asked}</dd></div>
<div><dt>At the API</dt><dd><code>${escape(audience)}</code></dd></div>
<div><dt>Goes back to</dt><dd><code>${escape(redirectUri.origin + redirectUri.pathname)}</code></dd></div>
</dl>
<button class="quiet" name="cancel" value="yes">Do not sign in</button>
</form>
</main>
</body>
</html>
`
  return {
    status: 200,
    headers: {
      'Cache-Control': 'no-store',
      'Content-Type': 'text/html; charset=utf-8',
      // Browsers hold "form-action" against redirects, too.
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self' ${redirectUri.origin}; base-uri 'none'; frame-ancestors 'none'`,
      // With "no-referrer" a browser would not say either where the form comes from.
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    },
    body,
  }
}

const STYLE = `
:root { --ground: #f6f5f1; --card: #fff; --ink: #1d2126; --soft: #5b636d; --line: #d9d6cd; --accent: #0b5d4e; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181b; --card: #1e2327; --ink: #eceae4; --soft: #a2abb4; --line: #363d44; --accent: #6fd3bd; --warn: #f0b46a; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 27rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.75rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1.25rem; }
.note { margin: 0 0 .5rem; color: var(--warn); font-size: .85rem; font-weight: 600; }
ul { list-style: none; margin: 0 0 1.25rem; padding: 0; display: grid; gap: .6rem; }
button { font: inherit; color: inherit; width: 100%; cursor: pointer; border-radius: .7rem; }
li button { display: grid; gap: .1rem; text-align: left; padding: .75rem 1rem; background: none; border: 1px solid var(--line); overflow-wrap: anywhere; }
li button:hover { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
li span { color: var(--soft); font-size: .875rem; }
dl { margin: 0 0 1.25rem; padding: 1rem 0 0; border-top: 1px solid var(--line); display: grid; gap: .35rem; font-size: .875rem; }
dl div { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: .85em/1.5 ui-monospace, monospace; }
.quiet { background: none; border: 0; padding: .5rem; color: var(--soft); text-decoration: underline; }
@media (max-width: 24rem) { main { padding: 1.25rem; } dl div { grid-template-columns: 1fr; gap: 0; } }
`

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)
}

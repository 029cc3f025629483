import { randomBytes } from 'node:crypto'
import { readUrl } from '../../lib/urls.js'
import { plain, readForm, redirect, type Answer, type Asked, type Form } from './answer.js'
import type { Grants } from './grants.js'
import type { People } from './people.js'
import { signInPage } from './sign-in-page.js'

interface Setup {
  readonly issuer: string
  readonly audience: string
  readonly people: People
  readonly grants: Grants
  readonly now: () => number
}

const CODE_SECONDS = 60
const MAX_CLIENT_ID = 200

/** A request whose client and way back are known: what else is wrong with it is said there. */
interface Opened {
  readonly query: Form
  readonly clientId: string
  readonly redirectUri: URL
  readonly back: (members: Readonly<Record<string, string>>) => Answer
}

/**
 * The authorization endpoint: a page to pick a person at, and then the way back with a code (RFC 6749 §4.1, with PKCE by S256
 * and nothing else, and `iss` of RFC 9207). Any client may come, and is sent to this machine only: no client is registered.
 */
export function createAuthorization(setup: Setup): (asked: Asked) => Answer {
  return (asked) => {
    const opened = open(asked, setup.issuer)
    if ('status' in opened) return opened
    const wrong = refuse(opened)
    if (wrong !== undefined) return wrong
    const { query, clientId, redirectUri } = opened
    const audience = query('resource') ?? query('audience') ?? setup.audience
    const scopes = query('scope')
      ?.split(' ')
      .filter((one) => one !== '')
    if (asked.method !== 'GET') return conclude(asked, opened, { ...setup, audience, scopes })
    const nonce = randomBytes(16).toString('base64url')
    return signInPage({ people: setup.people.all(), clientId, scopes, audience, redirectUri, nonce })
  }
}

function open({ url }: Asked, issuer: string): Opened | Answer {
  const query = readForm(url.searchParams)
  if (query === undefined) return plain(400, 'A parameter comes twice.')
  const clientId = query('client_id')
  if (clientId === undefined || clientId.length > MAX_CLIENT_ID) return plain(400, 'There is no "client_id".')
  const redirectUri = readRedirectUri(query('redirect_uri'))
  if (redirectUri === undefined) {
    return plain(400, 'The "redirect_uri" must be a URL on this machine: http://127.0.0.1:3000/callback, say.')
  }
  const back: Opened['back'] = (members) => {
    const to = new URL(redirectUri)
    const all = { ...members, state: query('state'), iss: issuer }
    for (const [name, value] of Object.entries(all)) if (value !== undefined) to.searchParams.set(name, value)
    return redirect(to)
  }
  return { query, clientId, redirectUri, back }
}

function refuse({ query, back }: Opened): Answer | undefined {
  if (query('response_type') !== 'code') {
    return back({ error: 'unsupported_response_type', error_description: 'Ask for response_type=code.' })
  }
  if (query('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(query('code_challenge') ?? '')) {
    const description = 'PKCE is needed: code_challenge and code_challenge_method=S256.'
    return back({ error: 'invalid_request', error_description: description })
  }
  // Nobody stays signed in here.
  if (query('prompt') === 'none') {
    return back({ error: 'login_required', error_description: 'The person must be picked.' })
  }
  return undefined
}

interface Wanted extends Setup {
  readonly scopes: readonly string[] | undefined
}

/** Somebody was picked, or nobody. */
function conclude(
  { headers, body }: Asked,
  { query, clientId, back }: Opened,
  { people, grants, now, audience, scopes }: Wanted,
): Answer {
  if (!isOwnForm(headers)) {
    return plain(403, 'Another site sent this form.')
  }
  const form = readForm(new URLSearchParams(body))
  if (form?.('cancel') !== undefined) return back({ error: 'access_denied', error_description: 'Nobody signed in.' })
  const person = people.find(form?.('person') ?? '')
  if (person === undefined) return plain(400, 'Nobody was picked who is there: go back, and load the page anew.')
  const granted = scopes?.filter((one) => person.scopes === undefined || person.scopes.includes(one) || isOpenId(one))
  const consent = { person, clientId, audience, scopes: granted, nonce: query('nonce'), signedInAt: now() }
  const code = grants.addCode({
    consent,
    redirectUri: query('redirect_uri') ?? '',
    challenge: query('code_challenge') ?? '',
    expiresAt: now() + CODE_SECONDS,
  })
  return back({ code })
}

/** Tells whether a form comes from the page here: at whichever name of this machine a browser has it. */
function isOwnForm({ origin, host = '' }: Asked['headers']): boolean {
  return origin === undefined || origin === readUrl(`http://${host}`)?.origin
}

/** What says something of the sign-in, and nothing of the API. */
function isOpenId(scope: string): boolean {
  return ['openid', 'profile', 'email', 'offline_access'].includes(scope)
}

/** A web page on this machine, whatever the port (RFC 8252 §7.3). */
function readRedirectUri(text: string | undefined): URL | undefined {
  const url = text === undefined ? undefined : readUrl(text)
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hash !== '') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return isThisMachine(url.hostname) ? url : undefined
}

/** Tells whether a host name can only be this machine. */
export function isThisMachine(hostname: string): boolean {
  return ['localhost', '[::1]', '127.0.0.1'].includes(hostname)
}

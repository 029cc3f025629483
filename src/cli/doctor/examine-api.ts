import { ConfigurationError } from '../../errors.js'
import { quote } from '../../lib/quote.js'
import { isAbsoluteUrl, withoutSecrets } from '../../lib/urls.js'
import { askApi, type Answer } from './ask-api.js'
import { examineHeaders } from './examine-headers.js'
import { examineMetadata } from './examine-metadata.js'
import type { Finding } from './finding.js'
import { readChallenge } from './read-challenge.js'

/** What is known of an API before it is looked at. */
export interface Api {
  readonly url: string
  /** A web page, for the preflight. */
  readonly origin: string
  /** The issuers that it trusts, where a configuration was given. */
  readonly issuers: readonly string[] | undefined
}

/** No token of anybody. */
const NO_TOKEN = 'this-is-no-token'
/** In the form of one, and signed by nobody: what it says must not come back, nor what is expected instead. */
const MADE_UP = ['https://doctor.invalid', 'audience-of-doctor', 'key-of-doctor'] as const
const [ISSUER, AUDIENCE, KEY] = MADE_UP
const FORGED = [
  { alg: 'RS256', typ: 'at+jwt', kid: KEY },
  { iss: ISSUER, aud: AUDIENCE, exp: 4_102_444_800 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat('c2lnbmVkLWJ5LW5vYm9keQ')
  .join('.')
/** Followed by what is expected, in quotes or not. */
const EXPECTATION =
  /\b(?:expected|allowed|must (?:be|match|equal)|should be)\b[^.\n]{0,40}?(?:https?:\/\/[\w.-]+|["'][\w:/.-]{3,}["'])/i

/**
 * Looks at an API as a stranger: five requests at most, none with a token of anybody, each with a deadline.
 *
 * @throws {ConfigurationError} When the URL is none.
 */
export async function examineApi({ url, origin, issuers }: Api): Promise<readonly Finding[]> {
  if (!isAbsoluteUrl(url))
    throw new ConfigurationError('The flag --url takes a whole URL: https://api.example.com/orders.')
  try {
    const anonymous = await askApi(url)
    const challenge = readChallenge(anonymous.headers.get('www-authenticate'))
    const withJunk = await askApi(url, { headers: { authorization: `Bearer ${NO_TOKEN}` } })
    const withForged = await askApi(url, { headers: { authorization: `Bearer ${FORGED}` } })
    const preflight = await askApi(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    })
    return [
      ...describeAnonymous(anonymous, challenge),
      ...describeJunk(withJunk, anonymous),
      ...describeForged(withForged, anonymous),
      ...(anonymous.status === 401 ? await examineMetadata({ url, challenge, issuers }) : []),
      ...describePreflight(preflight, origin),
      ...examineHeaders(anonymous),
    ]
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ConfigurationError) throw error
    const remedy = 'Look at the address, DNS, TLS, and whether a proxy is needed.'
    return [{ about: 'API', mood: 'unsure', says: `${withoutSecrets(url)} does not answer: ${codeOf(error)}`, remedy }]
  }
}

/** The name that the platform gives to what went wrong; messages may hold anything. */
function codeOf({ name, cause }: Error): string {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : name
}

function describeAnonymous({ status }: Answer, challenge: ReadonlyMap<string, string> | undefined): readonly Finding[] {
  const about = 'no token'
  if (status < 300) {
    const remedy = 'If that route is meant to be public, name another one; if not, put requireAuth() above it.'
    return [{ about, mood: 'bad', says: `answered with ${String(status)}: nothing asks for a token`, remedy }]
  }
  if (status < 400) {
    const remedy = 'An API answers 401: what stands before it, a proxy with a sign-in say, takes it for a web page.'
    return [{ about, mood: 'bad', says: `sent elsewhere, with ${String(status)}`, remedy }]
  }
  if (status !== 401) {
    const remedy = 'Expected was 401. Name a route that is there, and that needs a token.'
    return [{ about, mood: status >= 500 ? 'bad' : 'unsure', says: `answered with ${String(status)}`, remedy }]
  }
  if (challenge === undefined) {
    const remedy = 'RFC 6750 section 3: a 401 says "WWW-Authenticate: Bearer ...". Look for a proxy that takes it away.'
    return [{ about, mood: 'bad', says: '401 without a challenge', remedy }]
  }
  const shown = [...challenge].map(([name, value]) => `${name}=${quote(value)}`).join(', ')
  const good: Finding = { about, mood: 'good', says: `401, Bearer ${shown}` }
  const scope: Finding[] = challenge.has('scope') ? [] : [{ about: 'scopes', says: 'the challenge names none' }]
  if (!challenge.has('error')) return [good, ...scope]
  const remedy = 'RFC 6750 section 3.1: who sent no token is told no "error". A client takes it for a bad token.'
  return [{ about, mood: 'bad', says: `401 with error=${quote(challenge.get('error') ?? '')}`, remedy }, ...scope]
}

function describeJunk({ status, headers, body }: Answer, anonymous: Answer): readonly Finding[] {
  const about = 'bad token'
  if (status < 300 && anonymous.status >= 300) {
    const remedy = 'Whatever stands there looks whether there is a token, and not at it.'
    return [{ about, mood: 'bad', says: `answered with ${String(status)}: it is taken for a good one`, remedy }]
  }
  if (status < 300) {
    const remedy = 'A bad token counts as none: who is refused elsewhere is anonymous here. optionalAuth() refuses it.'
    return [{ about, mood: 'bad', says: `answered with ${String(status)}, as without one`, remedy }]
  }
  const error = readChallenge(headers.get('www-authenticate'))?.get('error')
  const leak = body.includes(NO_TOKEN) || /\bat .+:\d+:\d+\)?$/m.test(body)
  const text: Finding[] = leak
    ? [
        {
          about,
          mood: 'bad',
          says: 'its answer repeats the token, or holds a stack trace',
          remedy: 'Set NODE_ENV=production, and look at the error handler.',
        },
      ]
    : []
  if (status === 401 && error === 'invalid_token') return [{ about, mood: 'good', says: '401 invalid_token' }, ...text]
  const remedy =
    'Expected was 401 with error="invalid_token": clients refresh their token on that, and on nothing else.'
  const says = `answered with ${String(status)}${error === undefined ? '' : `, error=${quote(error)}`}`
  return [{ about, mood: status === 429 ? 'unsure' : 'bad', says, remedy }, ...text]
}

/** Looks whether an answer tells a stranger more than that a token is bad: what it holds, or what it should hold. */
function describeForged({ headers, body }: Answer, anonymous: Answer): readonly Finding[] {
  // What is told to anybody, the place of the metadata say, is no news.
  const known = `${anonymous.headers.get('www-authenticate') ?? ''}${anonymous.body}`
  const told = `${headers.get('www-authenticate') ?? ''}\n${body}`
  const isRepeated = MADE_UP.some((one) => told.includes(one))
  if (!isRepeated && (!EXPECTATION.test(told) || EXPECTATION.test(known))) return []
  const says = isRepeated ? 'its answer repeats what the token says' : 'its answer tells what a token must say'
  const remedy = 'Answer with a constant text, and log the rest: docs/refusals.md.'
  return [{ about: 'bad token', mood: 'bad', says, remedy }]
}

function describePreflight({ status, headers }: Answer, origin: string): readonly Finding[] {
  const about = 'CORS'
  const allowed = headers.get('access-control-allow-origin')
  if (allowed === null) {
    const isRefused = status === 401 || status === 403
    if (!isRefused) return [{ about, says: `no page of another origin may call it, ${quote(origin)} neither` }]
    const remedy =
      'If web pages call it: a preflight never has a token. Mount cors() above requireAuth(): docs/cors.md.'
    return [{ about, says: `the preflight is refused with ${String(status)}`, remedy }]
  }
  if (allowed !== '*' && allowed !== origin) {
    return [{ about, says: `not open to ${quote(origin)}, but to ${quote(allowed)}: --origin asks for another` }]
  }
  const names = (headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/\s*,\s*/)
  // A star does not cover this one header (Fetch, section 3.3.3).
  if (names.includes('authorization')) return [{ about, mood: 'good', says: `open to ${quote(allowed)}` }]
  const remedy = 'Name Authorization in "allowedHeaders": a star does not cover it.'
  return [{ about, mood: 'bad', says: `open to ${quote(allowed)}, but not for the header Authorization`, remedy }]
}

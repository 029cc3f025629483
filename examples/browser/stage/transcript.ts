import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageOfClient, pageOfRole, type Page, type Role } from './addresses.js'
import { claimsOf, explain, shorten } from './shorten.js'

export interface Transcript {
  readonly message: string
  readonly page: Page | undefined
  readonly user: string | undefined
}

// What is shown as it is. Everything else is taken for a secret.
const plainFields: ReadonlySet<string> = new Set(
  `client_id response_type redirect_uri scope resource grant_type code_challenge_method prompt post_logout_redirect_uri
   logout error error_description iss token_type expires_in signedIn name user visaExpiresAt for title detail status type
   notTold`.split(/\s+/),
)
// Of these the name is shown. A name that nobody knows may be a secret without one.
const secretFields: ReadonlySet<string> = new Set(
  'code state nonce code_challenge code_verifier client_secret access_token refresh_token id_token logout_token token'.split(
    ' ',
  ),
)
const requestHeaders = ['host', 'origin', 'sec-fetch-site', 'x-csrf', 'authorization', 'cookie']
const answerHeaders = [
  'set-cookie',
  'www-authenticate',
  'location',
  'access-control-allow-origin',
  'access-control-allow-credentials',
]
const MOST_BYTES = 16_384

/** Listens to one request and its answer; then tells them, with every secret shortened. */
export function watchExchange(role: Role, req: IncomingMessage, res: ServerResponse): () => Transcript {
  const { method = '', url = '', headers } = req
  const asked = listenTo(req)
  const answered = listenTo(res)
  return () => {
    const [, token = ''] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? []
    const claims = claimsOf(token)
    const lines = [
      `${method} ${drawTarget(url)}`,
      ...drawHeaders(headers, requestHeaders),
      ...drawForm(headers['content-type'], asked()),
      '',
      `${String(res.statusCode)} ${res.statusMessage}`,
      ...drawHeaders(res.getHeaders(), answerHeaders),
      ...drawJson(String(res.getHeader('content-type')), answered()),
    ]
    return {
      message: lines.join('\n'),
      page: pageOfRole(role) ?? pageOfClient(claims?.['client_id'] ?? claims?.['aud']),
      user: userOf(claims, answered()),
    }
  }
}

/** Whom the token that came is about, or the ID token of the answer. */
function userOf(claims: ReturnType<typeof claimsOf>, answer: string): string | undefined {
  const [, idToken = ''] = /"id_token":"([^"]+)"/.exec(answer) ?? []
  const user = (claims ?? claimsOf(idToken))?.['sub']
  return typeof user === 'string' ? user : undefined
}

/** What goes through, without taking it from anybody. */
function listenTo(stream: IncomingMessage | ServerResponse): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  const hear = (chunk: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return
    bytes += chunk.length
    if (bytes <= MOST_BYTES) chunks.push(Buffer.from(chunk))
  }
  const names = ('push' in stream ? ['push'] : ['write', 'end']) as 'push'[] // all three take the chunk first
  for (const name of names) {
    const target = stream as IncomingMessage // of which only that method is touched
    const itself = target[name].bind(target)
    target[name] = (chunk, ...rest) => {
      hear(chunk)
      return itself(chunk, ...rest)
    }
  }
  return () => (bytes <= MOST_BYTES ? Buffer.concat(chunks).toString() : '')
}

/** A path and its query. Long segments of a path are names of something under way. */
function drawTarget(target: string): string {
  const [path = '', query] = target.split(/\?(.*)/s)
  const shortPath = path.replace(/[\w-]{20,}/g, shorten)
  return query === undefined ? shortPath : [`${shortPath}?`, ...drawFields(query)].join('\n    ')
}

function drawFields(form: string): readonly string[] {
  return [...new URLSearchParams(form)].map(([name, value]) => {
    if (plainFields.has(name)) return `${name}=${value}`
    return `${secretFields.has(name) ? name : shorten(name)}=${shorten(value)}`
  })
}

function drawHeaders(headers: Readonly<NodeJS.Dict<unknown>>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = headers[name]
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    const texts = values.filter((one) => typeof one === 'string')
    return texts.map((one) => `${drawName(name)}: ${drawValue(name, one)}`)
  })
}

/** As people write them. */
const drawName = (name: string): string =>
  name === 'www-authenticate' ? 'WWW-Authenticate' : name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

function drawValue(name: string, value: string): string {
  if (name === 'authorization') return drawAuthorization(value)
  if (name === 'cookie') return value.split(/; */).map(drawCookie).join('; ')
  if (name === 'location') return drawTarget(value)
  if (name !== 'set-cookie') return value
  const [pair = '', ...attributes] = value.split(/; */)
  return [drawCookie(pair), ...attributes.map(drawTarget)].join('; ')
}

/** What has no scheme may be a token as a whole. */
function drawAuthorization(value: string): string {
  const [scheme = '', token] = value.split(/ (.*)/s)
  return token === undefined || !/^[A-Za-z]{1,10}$/.test(scheme) ? shorten(value) : `${scheme} ${explain(token)}`
}

/** A cookie without a name is its value. */
function drawCookie(pair: string): string {
  const [name, value] = pair.split(/=(.*)/s)
  return value === undefined ? shorten(pair) : `${name ?? ''}=${shorten(value)}`
}

function drawForm(type: string | undefined, body: string): readonly string[] {
  return type?.startsWith('application/x-www-form-urlencoded') === true && body !== '' ? ['', ...drawFields(body)] : []
}

function drawJson(type: string, body: string): readonly string[] {
  if (!/\bjson\b/.test(type) || body === '') return []
  let fields: unknown
  try {
    fields = JSON.parse(body)
  } catch {
    return []
  }
  if (typeof fields !== 'object' || fields === null) return []
  return ['', ...Object.entries(fields).map(([name, value]) => `${name}: ${drawField(name, value)}`)]
}

function drawField(name: string, value: unknown): string {
  if (Array.isArray(value)) return `${String(value.length)} of them`
  if (typeof value === 'object' && value !== null) return '{...}'
  // The code of a refusal, which RFC 9457 calls an extension; nothing answers with a code of OAuth in JSON.
  if (typeof value !== 'string' || plainFields.has(name) || name === 'code') return JSON.stringify(value)
  return explain(value)
}

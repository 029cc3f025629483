import type { Failure } from '../errors.js'
import { isToken68 } from '../lib/header-grammar.js'
import { describeAbsence } from './describe-absence.js'
import { readField, type IncomingRequest } from './incoming-request.js'

export type { IncomingRequest }

/** What was presented as a token. */
export interface Credentials {
  readonly token: string
}

const BEARER = 'bearer '
const SCHEME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+/
const WHITE_SPACE = /[ \t\r\n]/
const MAX_JUDGED_LENGTH = 64 * 1024

/**
 * Reads Bearer credentials from the `Authorization` header and from nowhere else: a token in the query, the body or a
 * cookie is not even looked at.
 *
 * In a request of the web, fields that came more than once are one value with commas. No token holds a comma, so that such a
 * value is refused here, or at the latest where the token is decoded.
 *
 * This does NOT look at what stands behind the scheme: a token that is verified has passed stricter rules, and for any other
 * {@link checkCredentials} tells whether it had the form of one.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1} for the grammar
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2 | RFC 9110 §11.6.2}: the field comes once
 */
export function readCredentials(request: IncomingRequest): Credentials | Failure {
  const { rawHeaders } = request
  if (rawHeaders !== undefined && countAuthorization(rawHeaders) > 1) return malformed('the header came more than once')
  const value: unknown = readField(request, 'authorization')
  if (value === undefined) return missing(request)
  if (typeof value !== 'string') return malformed('the header is not one text')
  if (value.slice(0, BEARER.length).toLowerCase() === BEARER) return readBearerToken(value.slice(BEARER.length))
  if (SCHEME.exec(value)?.[0].toLowerCase() === BEARER.trim()) return noToken
  return isList(value) ? malformed('several credentials came in one header') : missing(request)
}

/**
 * Tells why what was presented cannot be a token at all, for whoever is refused: it must be one token68. One word of other
 * characters is a bad token, as opaque tokens of some issuers are, and a client that hears so gets itself another; several
 * words are a malformed request.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 §3.1}
 */
export function checkCredentials({ token }: Credentials): Failure | undefined {
  // Bounds the work on what no server with usual limits lets through; it is refused for its size.
  if (token.length > MAX_JUDGED_LENGTH || isToken68(token)) return undefined
  return WHITE_SPACE.test(token) ? malformed('several words stand behind the scheme') : notToken68
}

/** Reads what stands behind the scheme and its space: more spaces, perhaps, and the token. */
function readBearerToken(rest: string): Credentials | Failure {
  const token = rest.startsWith(' ') ? rest.replace(/^ +/, '') : rest
  return token === '' ? noToken : { token }
}

/** Tells whether a value of another scheme has Bearer credentials behind a comma, quoted texts aside. */
function isList(value: string): boolean {
  if (value.length > MAX_JUDGED_LENGTH || !/bearer /i.test(value)) return false
  return /,[ \t]*bearer /i.test(value.replaceAll(/"[^"]*"/g, '""'))
}

function countAuthorization(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count
}

const noToken: Failure = malformed('no token stands behind the scheme')

const notToken68: Failure = {
  code: 'malformed_token',
  detail: 'it holds a character that no JWT has: look for quotes around it, a comma behind it, or an opaque token',
}

function missing(request: IncomingRequest): Failure {
  return { code: 'missing_token', detail: describeAbsence(request)?.detail }
}

function malformed(detail: string): Failure {
  return { code: 'malformed_credentials', detail }
}

import type { Failure, Scheme } from '../errors.js'
import { isToken68 } from '../lib/header-grammar.js'
import { describeAbsence } from './describe-absence.js'
import { isRepeated, readField, type IncomingRequest } from './incoming-request.js'

export type { IncomingRequest }

/** What was presented as a token. */
export interface Credentials {
  readonly scheme: Scheme
  readonly token: string
}

const BEARER = 'bearer '
const bearerAlone: readonly Scheme[] = ['Bearer']
const SCHEME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+/
const WHITE_SPACE = /[ \t\r\n]/
const MAX_JUDGED_LENGTH = 64 * 1024

/**
 * Reads credentials of some schemes from the `Authorization` header and from nowhere else: a token in the query, the body or
 * a cookie is not even looked at.
 *
 * In a request of the web, fields that came more than once are one value with commas. No token holds a comma, so that such a
 * value is refused here, or at the latest where the token is decoded.
 *
 * This does NOT look at what stands behind the scheme: a token that is verified has passed stricter rules, and for any other
 * {@link checkCredentials} tells whether it had the form of one.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1} for the grammar
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1}: that of DPoP is the same
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2 | RFC 9110 §11.6.2}: the field comes once
 */
export function readCredentials(
  request: IncomingRequest,
  schemes: readonly Scheme[] = bearerAlone,
): Credentials | Failure {
  if (isRepeated(request, 'authorization')) return malformed('the header came more than once')
  const value: unknown = readField(request, 'authorization')
  if (value === undefined) return missing(request, schemes)
  if (typeof value !== 'string') return malformed('the header is not one text')
  // By far the most of all.
  if (value.slice(0, BEARER.length).toLowerCase() === BEARER) return readToken('Bearer', value.slice(BEARER.length))
  const [name = ''] = SCHEME.exec(value) ?? []
  const scheme = schemes.find((one) => one.toLowerCase() === name.toLowerCase())
  if (scheme !== undefined) {
    return value[name.length] === ' ' ? readToken(scheme, value.slice(name.length + 1)) : noToken
  }
  return isList(value, schemes) ? malformed('several credentials came in one header') : missing(request, schemes)
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
function readToken(scheme: Scheme, rest: string): Credentials | Failure {
  const token = rest.startsWith(' ') ? rest.replace(/^ +/, '') : rest
  return token === '' ? noToken : { scheme, token }
}

/** Tells whether a value of another scheme has credentials of one of these behind a comma, quoted texts aside. */
function isList(value: string, schemes: readonly Scheme[]): boolean {
  const names = schemes.join('|')
  if (value.length > MAX_JUDGED_LENGTH || !new RegExp(`(?:${names})[ \\t]`, 'i').test(value)) return false
  return new RegExp(`,[ \\t]*(?:${names})[ \\t]`, 'i').test(value.replaceAll(/"[^"]*"/g, '""'))
}

const noToken: Failure = malformed('no token stands behind the scheme')

const notToken68: Failure = {
  code: 'malformed_token',
  detail: 'it holds a character that no JWT has: look for quotes around it, a comma behind it, or an opaque token',
}

function missing(request: IncomingRequest, schemes: readonly Scheme[]): Failure {
  return { code: 'missing_token', detail: describeAbsence(request, schemes)?.detail }
}

function malformed(detail: string): Failure {
  return { code: 'malformed_credentials', detail }
}

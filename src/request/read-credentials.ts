import type { Failure } from '../errors.js'
import { isToken68 } from '../lib/header-grammar.js'

/** What is read of a request. Node's `IncomingMessage` is one, and so is an Express request. */
export interface IncomingRequest {
  /** Field names and values in turn, as they came: Node keeps only the first of several `Authorization` fields elsewhere. */
  readonly rawHeaders?: readonly string[] | undefined
  readonly headers: { readonly authorization?: string | undefined }
}

/** A token and how it was presented. */
export interface Credentials {
  readonly token: string
}

const SCHEME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+/
const MAX_JUDGED_LENGTH = 64 * 1024

/**
 * Reads Bearer credentials from the `Authorization` header and from nowhere else: a token in the query, the body or a
 * cookie is not even looked at.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1} for the grammar
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2 | RFC 9110 §11.6.2}: the field comes once
 */
export function readCredentials({ rawHeaders, headers }: IncomingRequest): Credentials | Failure {
  if (rawHeaders !== undefined && countAuthorization(rawHeaders) > 1) return malformed('the header came more than once')
  const value = headers.authorization
  if (value === undefined) return { code: 'missing_token' }
  if (typeof value !== 'string') return malformed('the header is not one text')
  const scheme = SCHEME.exec(value)?.[0] ?? ''
  if (scheme.toLowerCase() !== 'bearer') {
    return isList(value)
      ? malformed('several credentials came in one header')
      : { code: 'missing_token', detail: 'another scheme' }
  }
  return readBearerToken(value.slice(scheme.length))
}

/** Reads what stands behind the scheme: one or more spaces and one token68. */
function readBearerToken(rest: string): Credentials | Failure {
  const token = rest.replace(/^ +/, '')
  if (token === '' || token.length === rest.length) return malformed('no token stands behind the scheme')
  // Bounds the work on what no server with usual limits lets through; it is refused for its size later.
  if (token.length > MAX_JUDGED_LENGTH) return { token }
  return isToken68(token) ? { token } : malformed('what stands behind the scheme is not one token68')
}

/** Tells whether a value of another scheme has Bearer credentials behind a comma, quoted texts aside. */
function isList(value: string): boolean {
  return value.length <= MAX_JUDGED_LENGTH && /,[ \t]*bearer /i.test(value.replaceAll(/"[^"]*"/g, '""'))
}

function countAuthorization(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count
}

function malformed(detail: string): Failure {
  return { code: 'malformed_credentials', detail }
}

import { ResponseBodyError } from 'oauth4webapi'
import { GrantEnded } from './oauth-client.js'
import { AmbiguousCookie } from './read-cookie.js'

export interface ErrorAnswer {
  readonly status: number
  readonly error: string
}

/** What the provider answers to a wish that it will not grant tomorrow either (RFC 6749 §5.2, RFC 8707 §2). */
const hopeless: ReadonlySet<string> = new Set(['invalid_scope', 'invalid_target'])

/**
 * What a page is told: whether to sign in, to ask differently, or to try again. A part that does not answer says nothing
 * about the user, who stays signed in: 503.
 */
export function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof GrantEnded) return { status: 401, error: 'sign_in_required' }
  if (error instanceof AmbiguousCookie) return { status: 400, error: 'ambiguous_cookie' }
  if (error instanceof ResponseBodyError && hopeless.has(error.error)) return { status: 400, error: error.error }
  if (isOfTheRequest(error)) {
    return error.status === 413
      ? { status: 413, error: 'too_large' }
      : { status: error.status, error: 'invalid_request' }
  }
  return { status: 503, error: 'try_again' }
}

/** What Express and its parsers throw for a request that they cannot read. */
function isOfTheRequest(error: unknown): error is Error & { status: number } {
  if (!(error instanceof Error) || !('status' in error)) return false
  const isTold = error instanceof URIError || ('expose' in error && error.expose === true)
  return isTold && typeof error.status === 'number'
}

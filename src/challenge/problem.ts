import type { AuthError, UnavailableError } from '../errors.js'
import { reasonFor, type Reason, type ReasonCode } from '../reasons.js'

/** The body of a refusal: an RFC 9457 problem with the members of an OAuth error. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly error?: string
  readonly error_description?: string
  readonly code: ReasonCode
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

const TITLES: Readonly<Record<Reason['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

/**
 * Describes a refusal. Everything in it is constant for its `code`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457#section-3 | RFC 9457 §3}
 */
export function describeProblem({ code }: Pick<AuthError | UnavailableError, 'code'>): Problem {
  const { status, error, text } = reasonFor(code)
  return {
    type: 'about:blank',
    title: TITLES[status],
    status,
    detail: text,
    ...(error !== undefined && { error, error_description: text }),
    code,
  }
}

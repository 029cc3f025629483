import { STATUS_CODES } from 'node:http'
import { reasonFor, type ReasonCode } from './reasons.js'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

const written = new Map<ReasonCode, string>()

/**
 * Writes the body of a refusal: an RFC 9457 problem with the members of an OAuth error. Everything in it is constant for its
 * code, so that it is written once.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457#section-3 | RFC 9457 §3}
 */
export function writeProblem(code: ReasonCode): string {
  const known = written.get(code)
  if (known !== undefined) return known
  const { status, error, text } = reasonFor(code)
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: text,
    ...(error !== undefined && { error, error_description: text }),
    code,
  })
  written.set(code, body)
  return body
}

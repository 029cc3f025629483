import { AuthError, type Failure } from '../errors.js'
import { writeChallenge } from '../lib/header-grammar.js'
import { withoutStack } from '../lib/without-stack.js'
import { reasonFor, type ReasonCode } from '../reasons.js'

/** What every challenge of a server says. Checked at start-up: each can stand in a quoted-string. */
export interface ChallengeSettings {
  readonly realm: string
  /** Where the metadata of this resource is (RFC 9728 §5.1). */
  readonly resourceMetadata: string | undefined
}

/** What a challenge may say beyond the error code: how to get a token that would do. */
export interface Remedy {
  readonly scopes?: readonly string[] | undefined
  readonly acrValues?: readonly string[] | undefined
  readonly maxAgeSeconds?: number | undefined
}

/**
 * Makes the error of a failure, with the headers of its answer.
 *
 * A 401 always has a challenge, and so has a 403 that another token would help; a 403 that none would help has no challenge.
 * A request without credentials gets no error information. The error has no stack: a refusal is an answer and not a fault,
 * and under a flood of bad tokens the stacks would cost more than the judging.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3}
 */
export function refuse(failure: Failure, settings: ChallengeSettings, remedy?: Remedy): AuthError {
  const headers =
    remedy === undefined ? constantHeaders(failure.code, settings) : writeHeaders(failure.code, settings, remedy)
  return withoutStack(() => new AuthError(failure.code, { detail: failure.detail, headers }))
}

type Headers = Readonly<Record<string, string>>

/** What was written before, by settings and code: without a remedy nothing in it varies. */
const written = new WeakMap<ChallengeSettings, Map<ReasonCode, Headers>>()

function constantHeaders(code: ReasonCode, settings: ChallengeSettings): Headers {
  const known = written.get(settings) ?? new Map<ReasonCode, Headers>()
  const headers = known.get(code) ?? writeHeaders(code, settings, {})
  written.set(settings, known.set(code, headers))
  return headers
}

function writeHeaders(code: ReasonCode, settings: ChallengeSettings, remedy: Remedy): Headers {
  const { status, error, text } = reasonFor(code)
  const challenged = status === 401 || error !== undefined
  return {
    ...(challenged && {
      'WWW-Authenticate': writeChallenge('Bearer', {
        realm: settings.realm,
        error,
        error_description: error === undefined ? undefined : text,
        scope: remedy.scopes?.join(' '),
        acr_values: remedy.acrValues?.join(' '),
        max_age: remedy.maxAgeSeconds?.toString(),
        resource_metadata: settings.resourceMetadata,
      }),
    }),
    ...((status === 401 || status === 403) && { 'Cache-Control': 'no-store' }),
  }
}

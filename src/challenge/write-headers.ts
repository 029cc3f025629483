import type { Remedy } from '../errors.js'
import { writeChallenge } from '../lib/header-grammar.js'
import { reasonFor, type ReasonCode } from '../reasons.js'

/** What every challenge of a server says. Checked at start-up: each can stand in a quoted-string. */
export interface ChallengeSettings {
  readonly realm: string
  /** Where the metadata of this resource is (RFC 9728 §5.1). */
  readonly resourceMetadata: string | undefined
}

/** The headers of an answer, by their usual names. */
export type Headers = Readonly<Record<string, string>>

/**
 * Writes the headers that belong to a refusal.
 *
 * A 401 always has a challenge, and so has a 403 that another token would help; a 403 that none would help has no challenge.
 * A request without credentials gets no error information.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3}
 */
export function writeHeaders(code: ReasonCode, settings: ChallengeSettings, remedy: Remedy = {}): Headers {
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

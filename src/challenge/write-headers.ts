import type { Remedy, Scheme } from '../errors.js'
import { writeChallenge } from '../lib/header-grammar.js'
import { reasonFor, type Reason, type ReasonCode } from '../reasons.js'

/** What every challenge of a server says. Checked at start-up: each can stand in a quoted-string. */
export interface ChallengeSettings {
  readonly realm: string
  /** Where the metadata of this resource is (RFC 9728 §5.1). */
  readonly resourceMetadata: string | undefined
  /** The scopes that a 401 names, so that a client asks for these and no more. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** Where DPoP proofs are taken (RFC 9449 §7). */
  readonly dpop?: DpopChallenge | undefined
}

/** What a challenge says of DPoP proofs. */
interface DpopChallenge {
  readonly algorithms: readonly string[]
  /** Nothing but tokens that are bound to a key is taken: then Bearer is not asked for. */
  readonly required: boolean
}

/** What was refused. */
export interface Refused extends Remedy {
  /** In which scheme a token came, where one came: its challenge tells what is wrong. Where that is not clear, each tells. */
  readonly scheme?: Scheme | undefined
  /** The nonce that the next proof must hold (RFC 9449 §9). */
  readonly nonce?: string | undefined
}

/** The headers of an answer, by their usual names. */
export type Headers = Readonly<Record<string, string>>

/**
 * Writes the headers that belong to a refusal. Where there are two challenges they stand in one field, Bearer first: clients
 * that know nothing of DPoP read no further.
 *
 * A 401 always has a challenge, and so has a 403 that another token would help; a 403 that none would help has no challenge.
 * A request without credentials gets no error information.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.2 | RFC 9449 §7.2} for two challenges
 */
export function writeHeaders(code: ReasonCode, settings: ChallengeSettings, refused: Refused = {}): Headers {
  const { status, error, scheme = refused.scheme } = reasonFor(code)
  const challenged = status === 401 || error !== undefined
  const schemes = schemesOf(settings)
  const challenges = schemes.map((one) =>
    schemes.length === 1 || scheme === undefined || scheme === one
      ? writeOne(one, settings, code, refused)
      : writeOne(one, settings, code),
  )
  return {
    ...(challenged && { 'WWW-Authenticate': challenges.join(', ') }),
    ...((status === 401 || status === 403) && { 'Cache-Control': 'no-store' }),
  }
}

function schemesOf({ dpop }: ChallengeSettings): readonly Scheme[] {
  if (dpop === undefined) return ['Bearer']
  return dpop.required ? ['DPoP'] : ['Bearer', 'DPoP']
}

/** @param refused - What is wrong and what would do, if that is for this challenge to tell. */
function writeOne(
  scheme: Scheme,
  { realm, resourceMetadata, scopes, dpop }: ChallengeSettings,
  code: ReasonCode,
  refused?: Refused,
): string {
  const { error, text }: Partial<Reason> = refused === undefined ? {} : reasonFor(code)
  return writeChallenge(scheme, {
    realm,
    error,
    error_description: error === undefined ? undefined : text,
    scope: (refused?.scopes ?? scopesToAskFor(code, scopes))?.join(' '),
    acr_values: refused?.acrValues?.join(' '),
    max_age: refused?.maxAgeSeconds?.toString(),
    resource_metadata: resourceMetadata,
    algs: scheme === 'DPoP' ? dpop?.algorithms.join(' ') : undefined,
  })
}

/** None where another sign-in would help, and not another token of the same one: that names scopes that the token lacks. */
function scopesToAskFor(code: ReasonCode, scopes: ChallengeSettings['scopes']): ChallengeSettings['scopes'] {
  return reasonFor(code).status === 401 && code !== 'insufficient_user_authentication' ? scopes : undefined
}

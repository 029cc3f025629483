import { isFailure, UnavailableError } from '../errors.js'
import type { Eventual } from '../lib/eventual.js'
import type { JsonObject } from '../lib/strict-json.js'
import { takeAnswer } from '../lib/take-answer.js'
import { describeAudience } from './describe-audience.js'
import { describeAudienceRemedy } from './describe-audience-remedy.js'
import type { FindingsWith, Outcome, TokenIssuer, TokenRules } from './examination.js'
import { isSameAudience } from './is-same-audience.js'
import type { Profile } from './profiles/profile.js'
import { readAudience, readClientId } from './read-claims.js'

/** The shape of the claims that every token may carry, and the presence of those that its profile demands. */
export function checkClaims(claims: JsonObject, { requiredClaims = [], tenantClaim }: Profile): Outcome {
  const missing = requiredClaims.find((name) => !Object.hasOwn(claims, name))
  if (missing !== undefined) return { code: 'invalid_claims', detail: `"${missing}" is missing` }
  const malformed = ['sub', 'jti', 'client_id'].find(
    (name) => Object.hasOwn(claims, name) && !isNonEmptyText(claims[name]),
  )
  if (malformed !== undefined) return { code: 'invalid_claims', detail: `"${malformed}" is not a text` }
  if (tenantClaim === undefined || !Object.hasOwn(claims, tenantClaim)) return undefined
  const isOfIssuer = String(claims['iss']).split('/').includes(String(claims[tenantClaim]))
  return isOfIssuer ? undefined : { code: 'invalid_claims', detail: `"${tenantClaim}" names another tenant than "iss"` }
}

/** By the generic rules a token is somebody's: a user's, or that of the client that got it. */
export function checkPresenter(claims: JsonObject, { profile, authorityPaths }: TokenIssuer): Outcome {
  if (profile.genericMarks !== true || Object.hasOwn(claims, 'sub')) return undefined
  if (readClientId(claims, authorityPaths.clientId) !== '') return undefined
  return {
    code: 'unrecognised_token_type',
    detail:
      'it names neither a subject ("sub") nor a client. Where the client is in another claim, name that in "claimPaths".',
  }
}

export function checkAudience(findings: FindingsWith<'decoded' | 'issuer'>): Outcome {
  const { claims } = findings.decoded
  const { issuer, profile, audience: expected } = findings.issuer.settings
  const found = readAudience(claims, profile)
  if (isFailure(found)) {
    const isAbsent = !Object.hasOwn(claims, 'aud')
    return isAbsent ? { ...found, detail: describeAudienceRemedy(claims, profile) } : found
  }
  findings.audience = found
  const isExact = !Object.hasOwn(claims, 'aud') // the client, that is
  const isMeant = found.some((one) => expected.some((own) => one === own || (!isExact && isSameAudience(one, own))))
  if (isMeant) return undefined
  const claim = isExact ? (profile.audienceFallback ?? 'aud') : 'aud'
  return {
    code: 'wrong_audience',
    detail: describeAudience({ claim, found, expected, issuer, profile }),
  }
}

/** Runs the user's schema, which may answer now or later. */
export function validateClaims(
  { schema, callbackTimeoutSeconds: seconds }: Pick<TokenRules, 'schema' | 'callbackTimeoutSeconds'>,
  findings: FindingsWith<'decoded'>,
): Eventual<Outcome> {
  if (schema === undefined) return undefined
  // A copy: some libraries write what they make of a claim into the object that they were given.
  const answer = schema['~standard'].validate(structuredClone(findings.decoded.claims))
  const read = (result: unknown): Outcome => readResult(result, findings)
  return takeAnswer(answer, { read, deadline: { seconds, late: () => lateSchema(seconds) } })
}

/** Reads what a schema answered, each member once: claims that fit, or what is wrong with them. */
function readResult(result: unknown, findings: FindingsWith<'decoded'>): Outcome {
  // Whatever is in there is unknown, and may be missing.
  const { issues, value } = Object(result) as { readonly issues?: unknown; readonly value?: unknown }
  if (issues !== undefined) {
    return { code: 'invalid_claims', detail: `the claims do not fit the schema at "${readPlace(issues)}"` }
  }
  if (value === undefined)
    throw new TypeError('The schema in the option "claims" answered with neither issues nor a value.')
  findings.validatedClaims = value
  return undefined
}

function readPlace(issues: unknown): string {
  const issue: unknown = Array.isArray(issues) ? issues[0] : undefined
  const { path } = Object(issue) as { readonly path?: unknown }
  const steps: readonly unknown[] = Array.isArray(path) ? path : []
  return steps
    .map((step) => String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step))
    .join('.')
}

function lateSchema(seconds: number): UnavailableError {
  const detail = `the schema in "claims" did not answer within ${String(seconds)} s`
  return new UnavailableError('schema_unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
}

const RETRY_SECONDS = 5

function isNonEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isFailure } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import type { FindingsWith, Outcome, TokenIssuer } from './examination.js'
import type { Profile } from './profiles/profile.js'
import { readAudience } from './read-claims.js'

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

export function checkAudience(claims: JsonObject, { profile, audience: expected }: TokenIssuer): Outcome {
  const audience = readAudience(claims, profile)
  if (isFailure(audience)) return audience
  return audience.some((one) => expected.includes(one)) ? undefined : { code: 'wrong_audience' }
}

/** Runs the user's schema, which may answer now or later. */
export function validateClaims(
  schema: StandardSchemaV1 | undefined,
  findings: FindingsWith<'decoded'>,
): Eventual<Outcome> {
  if (schema === undefined) return undefined
  // A copy: some libraries write what they make of a claim into the object that they were given.
  const result = schema['~standard'].validate(structuredClone(findings.decoded.claims))
  return whenSettled('then' in result ? Promise.resolve(result) : result, (settled): Outcome => {
    if (settled.issues === undefined) {
      findings.validatedClaims = settled.value
      return undefined
    }
    const path = settled.issues[0]?.path ?? []
    const where = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
    return { code: 'invalid_claims', detail: `the claims do not fit the schema at "${where}"` }
  })
}

function isNonEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

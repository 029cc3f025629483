import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isFailure } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
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

export async function validateClaims(
  schema: StandardSchemaV1 | undefined,
  findings: FindingsWith<'decoded'>,
): Promise<Outcome> {
  if (schema === undefined) return undefined
  const result = await schema['~standard'].validate(findings.decoded.claims)
  if (result.issues !== undefined) {
    const where =
      result.issues[0]?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.') ?? ''
    return { code: 'invalid_claims', detail: `the claims do not fit the schema at "${where}"` }
  }
  findings.validatedClaims = result.value
  return undefined
}

function isNonEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import { check, type Outcome } from '../check.js'
import type { Profile } from '../profiles/profile.js'

/** The claims that every token may carry have the shape of them, and those that its profile demands are there. */
export const claims = check({
  name: 'claims',
  spec: 'RFC 7519 §4',
  needs: ['decoded', 'issuer'],
  run({ findings }) {
    const own = findings.decoded.claims
    const failure = checkClaims(own, findings.issuer.settings.profile)
    if (failure !== undefined) return failure
    findings.subject = ownMember(own, 'sub') as string | undefined // it is a text where it is there
    return undefined
  },
})

function checkClaims(claims: JsonObject, { requiredClaims = [], tenantClaim }: Profile): Outcome {
  for (const name of requiredClaims) {
    if (!Object.hasOwn(claims, name)) return { code: 'invalid_claims', detail: `"${name}" is missing` }
  }
  for (const name of TEXTS) {
    if (Object.hasOwn(claims, name) && !isNonEmptyText(claims[name])) {
      return { code: 'invalid_claims', detail: `"${name}" is not a text` }
    }
  }
  if (tenantClaim === undefined || !Object.hasOwn(claims, tenantClaim)) return undefined
  const isOfIssuer = String(claims['iss']).split('/').includes(String(claims[tenantClaim]))
  return isOfIssuer ? undefined : { code: 'invalid_claims', detail: `"${tenantClaim}" names another tenant than "iss"` }
}

const TEXTS = ['sub', 'jti', 'client_id']

function isNonEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

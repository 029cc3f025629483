import { failureSaying, isFailure, type Failure } from '../../errors.js'
import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import { check } from '../check.js'
import { describeAudience } from '../describe-audience.js'
import { describeAudienceRemedy } from '../describe-audience-remedy.js'
import { isSameAudience } from '../is-same-audience.js'
import { malformedClaim } from '../malformed-claim.js'
import type { Profile } from '../profiles/profile.js'
import { readTexts } from '../read-texts.js'

const MAX_AUDIENCES = 256

/** It is meant for this API. */
export const audience = check({
  name: 'audience',
  spec: 'RFC 9068 §4',
  needs: ['decoded', 'issuer'],
  run({ findings }) {
    const { claims } = findings.decoded
    const { issuer, profile, audience: expected } = findings.issuer.settings
    const found = readAudience(claims, profile)
    if (isFailure(found)) {
      const isAbsent = !Object.hasOwn(claims, 'aud')
      return isAbsent ? failureSaying(found.code, () => describeAudienceRemedy(claims, profile)) : found
    }
    findings.audience = found
    const isExact = !Object.hasOwn(claims, 'aud') // the client, that is
    if (isMeantFor(expected, found, isExact)) return undefined
    const claim = isExact ? (profile.audienceFallback ?? 'aud') : 'aud'
    return failureSaying('wrong_audience', () => describeAudience({ claim, found, expected, issuer, profile }))
  },
})

function isMeantFor(expected: readonly string[], found: readonly string[], isExact: boolean): boolean {
  // Most tokens name the audience as it is expected.
  for (const own of expected) if (found.includes(own)) return true
  return !isExact && found.some((one) => expected.some((own) => isSameAudience(one, own)))
}

/** Reads the audience: `aud`, or where it is absent what the profile names instead (Cognito's `client_id`). */
export function readAudience(claims: JsonObject, profile: Profile): readonly string[] | Failure {
  const absent = !Object.hasOwn(claims, 'aud') && profile.audienceFallback !== undefined
  const audience = readTexts(ownMember(claims, absent ? (profile.audienceFallback ?? 'aud') : 'aud'))
  if (audience === undefined || audience.length > MAX_AUDIENCES) return malformedClaim('aud')
  return audience
}

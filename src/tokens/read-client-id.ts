import type { Failure } from '../errors.js'
import { readClaim } from './claim-path.js'
import type { JsonObject } from '../lib/strict-json.js'
import { malformedClaim } from './malformed-claim.js'

/** The client, under the first of its names that is there; when there are several, they must agree. */
export function readClientId(claims: JsonObject, paths: readonly (readonly string[])[]): string | Failure {
  let found: string | undefined
  for (const keys of paths) {
    const value = readClaim(claims, keys)
    if (value === undefined) continue
    if (typeof value !== 'string' || (found !== undefined && found !== value)) return malformedClaim(keys.join('.'))
    found = value
  }
  return found ?? ''
}

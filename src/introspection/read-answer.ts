import { FetchError } from '../lib/fetch-json.js'
import { isJsonObject, ownMember, type JsonObject, type TreeLimits } from '../lib/strict-json.js'
import { readJsonObject } from '../lib/strict-json.js'
import { withoutSecrets } from '../lib/urls.js'

/** What an issuer answered, taken apart. */
export interface ReadAnswer {
  readonly isActive: boolean
  readonly claims: JsonObject
}

/** As of the claims of a token. */
const LIMITS: TreeLimits = { depth: 32, containers: 768, members: 768, commas: 2048 }

/**
 * Reads the body of an answer as one strict JSON object.
 *
 * @throws {FetchError} When it is not.
 */
export function readMembers(body: Uint8Array, endpoint: string): JsonObject {
  const members = readJsonObject(body, LIMITS)
  if (members !== undefined) return members
  throw new FetchError(`${withoutSecrets(endpoint)} did not answer with one well-formed JSON object of a usual size`)
}

/**
 * Tells what an answer says. Only the JSON value `true` is active: whatever else stands there, or nothing, is not (RFC 7662 §2.2).
 * `active` itself is none of the claims, where it would mark what it stands in as such an answer.
 */
export function readAnswer(members: unknown): ReadAnswer {
  if (!isJsonObject(members) || ownMember(members, 'active') !== true) return { isActive: false, claims: {} }
  const claims = Object.fromEntries(Object.entries(members).filter(([name]) => name !== 'active'))
  return { isActive: true, claims }
}

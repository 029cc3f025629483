import { ConfigurationError } from '../errors.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'
import { definePolicy, deny, denyUndecided, grant, type Policy } from './decision.js'

/** What one entry of `authorization_details` must say, in the common fields of RFC 9396 §2.2. */
export interface AuthorizationDetail {
  readonly type: string
  readonly locations?: readonly string[] | undefined
  readonly actions?: readonly string[] | undefined
  readonly datatypes?: readonly string[] | undefined
  readonly identifier?: string | undefined
  readonly privileges?: readonly string[] | undefined
}

const LISTS = ['locations', 'actions', 'datatypes', 'privileges'] as const
const MEMBERS: readonly string[] = ['type', 'identifier', ...LISTS]

/**
 * Grants a token whose `authorization_details` have one entry of this type that holds everything asked for. Two entries that
 * each hold a part do not add up, and an entry without `actions`, say, permits none.
 *
 * This does NOT look into fields that a type defines for itself, an amount say: write a predicate beside it. Claims in any
 * other shape than that of RFC 9396 are granted neither by this nor by `not` of it. The work is bounded by the size of a
 * token, 16 KiB.
 *
 * @example
 *   requirePolicy(authorizationDetails({ type: 'customer_information', actions: ['read'], datatypes: ['contacts'] }))
 *
 * @throws {ConfigurationError} At start-up, without a type, or with a member that is unknown or malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9396#section-2 | RFC 9396 §2}
 */
export function authorizationDetails(needed: AuthorizationDetail): Policy<unknown> {
  checkNeeded(needed)
  const { type, identifier } = needed
  const lists = LISTS.map((name) => ({ name, texts: [...(needed[name] ?? [])] })).filter(
    ({ texts }) => texts.length > 0,
  )
  const description = [
    `authorization details ${type}`,
    ...lists.map(({ name, texts }) => `${name} ${texts.join(' & ')}`),
    ...(identifier === undefined ? [] : [`identifier ${identifier}`]),
  ].join(', ')
  const denial = deny(`no entry of authorization_details permits it: ${description}`)
  const malformed = denyUndecided('the claim authorization_details is malformed')
  const permits = (entry: JsonObject): boolean =>
    entry['type'] === type &&
    (identifier === undefined || ownMember(entry, 'identifier') === identifier) &&
    lists.every(({ name, texts }) => holdsAll(ownMember(entry, name), texts))

  return definePolicy({ description }, (_auth, _request, { tokenClaims }) => {
    if (!Object.hasOwn(tokenClaims, 'authorization_details')) return denial
    const entries = tokenClaims['authorization_details']
    if (!Array.isArray(entries) || !entries.every(isEntry)) return malformed
    return entries.some(permits) ? grant : denial
  })
}

function holdsAll(held: unknown, texts: readonly string[]): boolean {
  return Array.isArray(held) && texts.every((text) => held.includes(text))
}

/** An entry has a type, and its common fields are of the shape that RFC 9396 gives them. */
function isEntry(entry: unknown): entry is JsonObject {
  if (!isJsonObject(entry) || typeof ownMember(entry, 'type') !== 'string') return false
  if (Object.hasOwn(entry, 'identifier') && typeof entry['identifier'] !== 'string') return false
  return LISTS.every((name) => !Object.hasOwn(entry, name) || isTexts(entry[name]))
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function checkNeeded(needed: unknown): void {
  const members = Object.entries(isJsonObject(needed) ? needed : {}).filter(([, value]) => value !== undefined)
  const isKnown =
    isEntry(Object.fromEntries(members)) &&
    members.every(
      ([name, value]) => MEMBERS.includes(name) && value !== '' && !(Array.isArray(value) && value.length === 0),
    )
  if (isKnown) return
  throw new ConfigurationError(
    'authorizationDetails() takes an object with a "type" and any of "locations", "actions", "datatypes", "privileges" (lists of texts, none empty) and "identifier" (a text).',
  )
}

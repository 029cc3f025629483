import { quote } from '../lib/quote.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'

/**
 * Says what stands where a claim was looked for: its type and how many there are, and never what it says, which may be
 * somebody's own affair. For operators.
 */
export function describeClaim(claims: JsonObject, keys: readonly string[]): string {
  let value: unknown = claims
  for (const [position, key] of keys.entries()) {
    if (!isJsonObject(value)) return `${nameOf(keys.slice(0, position))} is ${typeOf(value)}`
    if (!Object.hasOwn(value, key)) {
      return `${nameOf(keys.slice(0, position + 1))} is missing${describeNeighbour(value, key, keys)}`
    }
    value = ownMember(value, key)
  }
  return `${nameOf(keys)} is ${typeOf(value)}`
}

/**
 * Microsoft Entra leaves groups or roles out where there are too many, and says where they could be asked for.
 *
 * @see {@link https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim}
 */
export function describeOverage(claims: JsonObject, name: string | undefined): string | undefined {
  const elsewhere = ownMember(claims, '_claim_names')
  const isElsewhere = isJsonObject(elsewhere) && ['groups', 'roles'].some((one) => Object.hasOwn(elsewhere, one))
  const isLeftOut = isElsewhere || ownMember(claims, 'hasgroups') === true
  if (!isLeftOut || (name !== 'groups' && name !== 'roles')) return undefined
  return 'The issuer left groups out, because there were too many of them ("_claim_names" or "hasgroups", an overage of Microsoft Entra): use app roles, or have only the groups that are assigned to the application put into tokens'
}

function nameOf(keys: readonly string[]): string {
  return quote(keys.join(' > '))
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? 'a list of 1' : `a list of ${String(value.length)}`
  if (isJsonObject(value)) return 'an object'
  return value === null ? 'null' : `a ${typeof value === 'string' ? 'text' : typeof value}`
}

/** A claim that may be meant. */
function describeNeighbour(holder: JsonObject, key: string, keys: readonly string[]): string {
  const whole = keys.join('.')
  if (keys.length > 1 && Object.hasOwn(holder, whole)) {
    return `; there is one of the whole name ${quote(whole)}: write the path as an array, [${quote(whole)}]`
  }
  const similar = Object.keys(holder).find((name) => name.toLowerCase() === key.toLowerCase())
  return similar === undefined ? '' : `; there is ${quote(similar)}`
}

import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'

/**
 * Where a claim lives. A text is split at its dots (`'realm_access.roles'`), unless it holds a colon: then it is one
 * name, as namespaced claims are (`'https://example.com/roles'`). An array is taken literally, key by key, for names
 * that hold dots themselves (`['resource_access', 'my.client', 'roles']`).
 */
export type ClaimPath = string | readonly string[]

/** Settles a claim path into its keys. */
export function claimKeys(path: ClaimPath): readonly string[] {
  if (typeof path !== 'string') return [...path]
  return path.includes(':') ? [path] : path.split('.')
}

/** Reads a claim by its keys, through own members of objects only; `undefined` when any step is missing. */
export function readClaim(claims: JsonObject, keys: readonly string[]): unknown {
  let value: unknown = claims
  for (const key of keys) {
    if (!isJsonObject(value)) return undefined
    value = ownMember(value, key)
  }
  return value
}

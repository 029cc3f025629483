import { isJsonObject, ownMember } from '../lib/strict-json.js'

/** Reads a member of what may be an object; nothing that it inherits. */
export function own(value: unknown, member: string): unknown {
  return isJsonObject(value) ? ownMember(value, member) : undefined
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isJsonObject(value) ? Object.entries(value) : []
}

/** Reads a member of what may be an object; nothing that it inherits. */
export function own(value: unknown, member: string): unknown {
  return isObject(value) && Object.hasOwn(value, member) ? Reflect.get(value, member) : undefined
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : []
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

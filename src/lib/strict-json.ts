/** A JSON object as parsed: own members only, of unknown values. */
export type JsonObject = Readonly<Record<string, unknown>>

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

// `ignoreBOM` keeps a byte order mark in the text, where JSON.parse then refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads bytes as one JSON object, and refuses with `undefined` whatever two parsers could understand differently:
 * invalid UTF-8, a byte order mark, duplicate members at any depth, a member called `__proto__` (which turns into a
 * prototype when somebody copies the object carelessly), half a surrogate pair, numbers beyond the range of a double, and
 * nesting deeper than `maxDepth`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259#section-4 | RFC 8259 §4} for what duplicate members do
 */
export function readJsonObject(bytes: Uint8Array, maxDepth: number): JsonObject | undefined {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  return countMembers(value, maxDepth) === countColons(text) ? value : undefined
}

/** Tells whether a value is a JSON object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads an object's own member; what it inherits, `constructor` say, does not exist. */
export function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/**
 * Counts the members in a tree. The text of a JSON document has one colon outside its strings for each member, so when
 * the parsed tree has fewer, JSON.parse has dropped a duplicate. `NaN` (equal to no count) for a tree that is refused for
 * another reason.
 */
function countMembers(value: unknown, depthLeft: number): number {
  if (typeof value !== 'object' || value === null) return isUnambiguous(value) ? 0 : Number.NaN
  if (depthLeft === 0 || Object.hasOwn(value, '__proto__')) return Number.NaN
  const names = Array.isArray(value) ? [] : Object.keys(value)
  let count = names.every(isUnambiguous) ? names.length : Number.NaN
  for (const child of Object.values(value)) count += countMembers(child, depthLeft - 1)
  return count
}

/** Whether every parser reads a leaf alike: not so a number beyond a double, and half a surrogate pair (RFC 7493 §2). */
function isUnambiguous(leaf: unknown): boolean {
  if (typeof leaf === 'string') return leaf.isWellFormed()
  return typeof leaf !== 'number' || Number.isFinite(leaf)
}

/** Counts the colons outside strings in a text that JSON.parse has accepted. */
function countColons(text: string): number {
  let count = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) inString = !inString
    else if (inString && character === BACKSLASH) i++
    else if (!inString && character === COLON) count++
  }
  return count
}

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
  if (!isJsonObject(value) || countMembers(value, maxDepth) !== countColons(bytes)) return undefined
  // UTF-8 was read strictly, so that only an escape can spell half a surrogate pair.
  return !text.includes(String.raw`\u`) || isWellFormed(value) ? value : undefined
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
function countMembers(tree: object, depthLeft: number): number {
  if (depthLeft === 0 || Object.hasOwn(tree, '__proto__')) return Number.NaN
  const children: readonly unknown[] = Object.values(tree)
  let count = Array.isArray(tree) ? 0 : children.length
  for (const child of children) {
    if (typeof child === 'object' && child !== null) count += countMembers(child, depthLeft - 1)
    // A number beyond a double: not every parser reads it alike (RFC 7493 §2.2).
    else if (child === Number.POSITIVE_INFINITY || child === Number.NEGATIVE_INFINITY) return Number.NaN
  }
  return count
}

/** Whether no text in a tree, names included, holds half a surrogate pair (RFC 7493 §2.1). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.keys(value).every((name) => name.isWellFormed()) && Object.values(value).every(isWellFormed)
}

/** Counts the colons outside strings in a text that JSON.parse has accepted, by its UTF-8 bytes. */
function countColons(bytes: Uint8Array): number {
  let count = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) inString = !inString
    else if (inString && byte === BACKSLASH) i++
    else if (!inString && byte === COLON) count++
  }
  return count
}

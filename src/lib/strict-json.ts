/** A JSON object as parsed: own members only, of unknown values. */
export type JsonObject = Readonly<Record<string, unknown>>

/** How large the tree of a document may be. */
export interface TreeLimits {
  /** In objects and arrays, one within the other. */
  readonly depth: number
  /** Objects and arrays in all. */
  readonly containers: number
  /** Members of objects in all. */
  readonly members: number
  /** Commas in all: with the members, no fewer than there are values. */
  readonly commas: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
/** Without this bit a brace is a bracket. */
const BRACE_BIT = 0x20
const OPENING = 0x5b
const CLOSING = 0x5d

/** It may be one of a pair, and its backslash an escaped one: then the tree tells. */
const ESCAPED_SURROGATE = /\\u[Dd][89A-Fa-f]/

// `ignoreBOM` keeps a byte order mark in the text, where JSON.parse then refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads bytes as one JSON object, and refuses with `undefined` whatever two parsers could understand differently:
 * invalid UTF-8, a byte order mark, duplicate members at any depth, a member called `__proto__` (which turns into a
 * prototype when somebody copies the object carelessly), half a surrogate pair, numbers beyond the range of a double. A
 * document with a larger tree than it may have is refused by its bytes, before anything is made of them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259#section-4 | RFC 8259 §4} for what duplicate members do
 */
export function readJsonObject(bytes: Uint8Array, limits: TreeLimits): JsonObject | undefined {
  const members = countColons(bytes, limits)
  if (members === undefined) return undefined
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(value) || countMembers(value) !== members) return undefined
  // UTF-8 was read strictly, so that only an escape can spell half a surrogate pair. Most documents have no escape at all.
  const isPlain = !text.includes('\\') || !ESCAPED_SURROGATE.test(text)
  return isPlain || isWellFormed(value) ? value : undefined
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
function countMembers(tree: object): number {
  if (Array.isArray(tree)) return countWithinAll(tree)
  // Parsed, and no array: it is an object of members.
  const members = tree as JsonObject
  // By names: a list of all the values takes twice as long, where an object has hundreds.
  const names = Object.keys(members)
  let count = names.length
  for (const name of names) {
    if (name === '__proto__') return Number.NaN
    count += countWithin(members[name])
  }
  return count
}

function countWithinAll(elements: readonly unknown[]): number {
  let count = 0
  for (const element of elements) count += countWithin(element)
  return count
}

function countWithin(value: unknown): number {
  if (typeof value === 'object') return value === null ? 0 : countMembers(value)
  // A number beyond a double: not every parser reads it alike (RFC 7493 §2.2).
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? Number.NaN : 0
}

/** Whether no text in a tree, names included, holds half a surrogate pair (RFC 7493 §2.1). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.keys(value).every((name) => name.isWellFormed()) && Object.values(value).every(isWellFormed)
}

/**
 * Counts the colons outside strings, one for each member, or says `undefined` as soon as the tree is larger than it may be.
 * Exact for JSON alone.
 */
function countColons(
  bytes: Uint8Array,
  { depth: maxDepth, containers: maxContainers, members: maxMembers, commas: maxCommas }: TreeLimits,
): number | undefined {
  let depth = 0
  let containers = 0
  let members = 0
  let commas = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte === QUOTE) i = endOfString(bytes, i)
    else if (byte === COMMA) {
      if (++commas > maxCommas) return undefined
    } else if (byte === COLON) {
      if (++members > maxMembers) return undefined
    } else if ((byte & ~BRACE_BIT) === OPENING) {
      if (++containers > maxContainers || ++depth > maxDepth) return undefined
    } else if ((byte & ~BRACE_BIT) === CLOSING) depth--
  }
  return members
}

/** Finds the quote that ends the string that begins at a place. */
function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
  return i
}

import type { Failure } from '../errors.js'
import { isCanonicalBase64Url, readBase64Url } from '../lib/base64url.js'
import { copyOf, createMemory, type Memory, type MemoryBounds } from '../lib/remember.js'
import { readJsonObject, type JsonObject, type TreeLimits } from '../lib/strict-json.js'

/** A token taken apart and nothing more: whatever it says, anybody could have written it. */
export interface UnverifiedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  /** The text of its header, where no token that was verified came with the same one lately. */
  readonly newHeader?: string | undefined
}

/** In characters. Nothing longer is worth a look. */
export const MAX_TOKEN_LENGTH = 16 * 1024
const MAX_HEADER_LENGTH = 4 * 1024
const HEADER_LIMITS: TreeLimits = { depth: 4, containers: 64, members: 128, commas: 256 }
/**
 * What 12 KB of JSON can hold costs a hundred times their length where it is objects. No token that people use comes near: with
 * names of a few letters, 300 clients with their roles, or 1500 groups, fill the length before they reach these.
 */
const CLAIMS_LIMITS: TreeLimits = { depth: 32, containers: 768, members: 768, commas: 2048 }

/**
 * Takes a compact JWS apart, strictly: exactly three canonical base64url segments, the first two of them JSON objects that
 * no two parsers can read differently. The work is bounded by the length, which is looked at first.
 *
 * This does NOT verify anything.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 | RFC 7515 §7.1}
 */
export function decodeToken(token: string, headers: RememberedHeaders = accessTokenHeaders): UnverifiedToken | Failure {
  if (token.length > MAX_TOKEN_LENGTH) return { code: 'token_too_large' }
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first === -1 || second === -1 || token.includes('.', second + 1)) {
    return malformed('it does not have three segments')
  }
  if (!isCanonicalBase64Url(token.slice(second + 1))) {
    return malformed('its signature is empty or not canonical base64url')
  }
  if (first > MAX_HEADER_LENGTH) return { code: 'token_too_large', detail: 'the header is over 4 KiB' }
  const { newHeader, header } = headers.read(token, first)
  if (header === undefined) return malformed('its header is not one strict JSON object in canonical base64url')
  const claims = readSegment(token.slice(first + 1, second), CLAIMS_LIMITS)
  if (claims === undefined) return malformed('its payload is not one strict JSON object in canonical base64url')
  return { header, claims, newHeader }
}

/** A header, and its text where it is not remembered. */
interface ReadHeader {
  readonly header: JsonObject | undefined
  readonly newHeader: string | undefined
}

/** The headers of messages that were verified, for those that come with the same one. */
export class RememberedHeaders {
  readonly #maxLength: number
  readonly #headers: Memory<JsonObject>
  /** The one that was kept last, by its text: comparing is cheaper than looking up, and most APIs see one header for days. */
  #latest: { readonly text: string; readonly read: ReadHeader } | undefined

  constructor(bounds: MemoryBounds) {
    this.#maxLength = bounds.maxLength
    this.#headers = createMemory(bounds)
  }

  /** Keeps the header of a message that was verified. It must be frozen. */
  remember({ newHeader, header }: UnverifiedToken): void {
    if (newHeader === undefined || newHeader.length > this.#maxLength) return
    const text = copyOf(newHeader)
    this.#headers.keep(text, header)
    this.#latest = { text, read: { header, newHeader: undefined } }
  }

  /** Reads the header of a message, up to its first dot. */
  read(token: string, end: number): ReadHeader {
    const latest = this.#latest
    if (end === latest?.text.length && token.startsWith(latest.text)) return latest.read
    const text = token.slice(0, end)
    const header = this.#headers.find(text)
    return header === undefined
      ? { header: readSegment(text, HEADER_LIMITS), newHeader: text }
      : { header, newHeader: undefined }
  }
}

/** An issuer's tokens have few headers among them: as many as it has keys. Certificates in them are not worth the room. */
export const accessTokenHeaders = new RememberedHeaders({ maxEntries: 256, maxLength: 512 })

function readSegment(text: string, limits: TreeLimits): JsonObject | undefined {
  const bytes = readBase64Url(text)
  return bytes === undefined ? undefined : readJsonObject(bytes, limits)
}

function malformed(detail: string): Failure {
  return { code: 'malformed_token', detail }
}

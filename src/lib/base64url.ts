const ALPHABET = /^[A-Za-z0-9_-]+$/

/** The characters whose unused trailing bits are zero, for a last group of two or of three characters. */
const LAST_OF_TWO = 'AQgw'
const LAST_OF_THREE = 'AEIMQUYcgkosw048'

/**
 * Reads canonical base64url: no padding, no white space, no `+` or `/`, no stray bits after the last byte.
 *
 * Node's own decoder skips whatever it does not know, so that many texts decode to the same bytes. Here every byte
 * string has exactly one text, and any other is refused with `undefined`, as is the empty string.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-2 | RFC 7515 §2}
 */
export function readBase64Url(text: string): Buffer | undefined {
  return isCanonicalBase64Url(text) ? Buffer.from(text, 'base64url') : undefined
}

/** Tells whether a text is the one canonical base64url spelling of at least one byte. */
export function isCanonicalBase64Url(text: string): boolean {
  if (!ALPHABET.test(text)) return false
  const last = text.charAt(text.length - 1)
  switch (text.length % 4) {
    case 0:
      return true
    case 2:
      return LAST_OF_TWO.includes(last)
    case 3:
      return LAST_OF_THREE.includes(last)
    default:
      return false
  }
}

/** A http(s) URL without a path, but for the slash that WHATWG's URL writes behind the authority. */
const SLASH_OF_NO_PATH = /^(https?:\/\/[^/?#\\]+)\/$/i

/**
 * Tells whether two audiences are one: character by character, but for the slash of a http(s) URL without a path, which
 * clients that parse URLs add. With a path, every character counts.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3 | RFC 3986 §6.2.3}
 */
export function isSameAudience(one: string, other: string): boolean {
  return one.replace(SLASH_OF_NO_PATH, '$1') === other.replace(SLASH_OF_NO_PATH, '$1')
}

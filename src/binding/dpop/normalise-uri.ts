import { normalisePath } from './normalise-path.js'

const HTTP_URI = /^(https?:\/\/[^/?#@\\]+)([^?#]*)(?:[?#].*)?$/i
const PRINTABLE = /^[\x21-\x7e]*$/

/**
 * Writes an http(s) URI in one spelling, without query and fragment: scheme and host in lower case, no default port, the path
 * as {@link normalisePath} does. `undefined` for what is none, or has a user in it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3 | RFC 3986 §6.2.3}
 */
export function normaliseUri(text: string): string | undefined {
  const [, origin, path = ''] = (PRINTABLE.test(text) ? HTTP_URI.exec(text) : undefined) ?? []
  // The platform's parser sees no more than scheme, host and port: it mends paths, which is not for us to do.
  if (origin === undefined || !URL.canParse(origin)) return undefined
  const spelt = normalisePath(path === '' ? '/' : path)
  return spelt === undefined ? undefined : new URL(origin).origin + spelt
}

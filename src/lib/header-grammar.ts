const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/
const QUOTABLE = /^[\x20-\x7E]*$/

/** Tells whether a text is a token68 (RFC 9110 §11.2). */
export function isToken68(text: string): boolean {
  return TOKEN68.test(text)
}

/** Tells whether a text can stand in a quoted-string: printable ASCII, the quote and the backslash escaped. */
export function isQuotable(text: string): boolean {
  return QUOTABLE.test(text)
}

/**
 * Writes one challenge of a `WWW-Authenticate` field, every parameter as a quoted-string and in the order given;
 * parameters that are undefined are left out.
 *
 * @throws {TypeError} On a value that cannot be quoted: nothing that a stranger wrote may come here.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 | RFC 9110 §11.6.1}
 */
export function writeChallenge(scheme: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quote(value)}`],
  )
  return `${scheme} ${written.join(', ')}`
}

function quote(text: string): string {
  if (!isQuotable(text)) throw new TypeError('A challenge parameter holds a character that no header may carry.')
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

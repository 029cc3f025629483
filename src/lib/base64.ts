const ALPHABET = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Reads base64 as RFC 4648 §4 writes it: with padding, without white space and without stray bits. Node's own decoder skips
 * whatever it does not know; here anything else is refused with `undefined`, as is the empty string.
 */
export function readBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !ALPHABET.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

import type { Failure } from '../errors.js'
import { isToken68 } from '../lib/header-grammar.js'

/** What a token is by its shape: what is signed is judged here, what is opaque only its issuer can read. */
export type Form = 'signed' | 'opaque'

/** In characters. Less holds no secret that nobody can guess, and no issuer makes longer ones. */
const MIN_OPAQUE_LENGTH = 16
const MAX_OPAQUE_LENGTH = 4 * 1024

/** Tells the form. What has the three segments of a JWS is one, whatever stands in them: no issuer is asked what it might be. */
export function formOf(token: string): Form {
  const first = token.indexOf('.')
  const second = first === -1 ? -1 : token.indexOf('.', first + 1)
  return second !== -1 && !token.includes('.', second + 1) ? 'signed' : 'opaque'
}

/** Says why an opaque token is not worth asking its issuer. */
export function checkOpaqueForm(token: string): Failure | undefined {
  if (token.length > MAX_OPAQUE_LENGTH) return { code: 'token_too_large', detail: 'it is opaque, and over 4 KiB' }
  if (token.length < MIN_OPAQUE_LENGTH) {
    return {
      code: 'malformed_token',
      detail: 'it is no JWT, and too short for an opaque token: 16 characters at least',
    }
  }
  return isToken68(token)
    ? undefined
    : { code: 'malformed_token', detail: 'it holds a character that no token may hold' }
}

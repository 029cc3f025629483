// @ts-check

/**
 * Who an ID token from our own token handler is about, undefined where there is none: a provider need not send one with
 * every refresh (OpenID Connect Core §12.2). To show a name it need not be verified again.
 *
 * @param {string} idToken
 * @returns {string | undefined}
 */
export function readSubject(idToken) {
  const payload = idToken.split('.')[1]
  if (payload === undefined) return undefined
  const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  // `atob` answers bytes, one to a character; the text in them is UTF-8.
  const claims = /** @type {{ sub: string }} */ (JSON.parse(new TextDecoder().decode(bytes)))
  return claims.sub
}

const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** Tells whether a text is one scope token (RFC 6749 §3.3): printable ASCII without space, quote and backslash. */
export function isScopeToken(text: string): boolean {
  return SCOPE_TOKEN.test(text)
}

/** Tells whether a text is a list of plain names with commas between. RFC 6749 §3.3 allows a comma in a scope; nobody means it so. */
export function isListOfScopes(text: string): boolean {
  return /^[\w:./-]+(?:,[\w:./-]+)+$/.test(text)
}

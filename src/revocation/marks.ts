import { hash } from 'node:crypto'
import { readBase64Url } from '../lib/base64url.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'

/** By what a token can be taken back: a digest for each, as strangers choose what is in there. */
export interface Marks {
  /** Its own, of its `jti` and of its `sid`: those it has. */
  readonly own: readonly string[]
  /** Of its subject, where it has one. */
  readonly subject: string | undefined
  readonly issuedAt: number | undefined
}

/** What is looked at of a token. */
export interface MarkedToken {
  readonly token: string
  readonly issuer: string
  readonly subject: string | undefined
  readonly issuedAt: number | undefined
  /** What the token says, whatever a schema made of that. */
  readonly claims: JsonObject
}

/** Reads the marks of a verified token. */
export function readMarks({ token, issuer, subject, issuedAt, claims }: MarkedToken): Marks {
  const own = [markToken(token)]
  for (const [kind, claim] of [
    ['jti', 'jti'],
    ['sid', 'sid'],
  ] as const) {
    const value = ownMember(claims, claim)
    if (typeof value === 'string') own.push(markClaim(kind, issuer, value))
  }
  return { own, subject: subject === undefined ? undefined : markClaim('sub', issuer, subject), issuedAt }
}

/** The mark of a claim of an issuer. */
export function markClaim(kind: 'jti' | 'sid' | 'sub', issuer: string, value: string): string {
  return digest([kind, issuer, value])
}

/**
 * The mark of a token itself. Of a JWS without its signature: whoever has one of ECDSA can make a second that verifies as well.
 */
export function markToken(token: string): string {
  return digest(['token', isJws(token) ? token.slice(0, token.lastIndexOf('.')) : token])
}

/** An opaque token may have dots too, and be another's up to the last. */
function isJws(token: string): boolean {
  const [header, , , more] = token.split('.', 4)
  if (header === undefined || more !== undefined || token.indexOf('.') === token.lastIndexOf('.')) return false
  const bytes = readBase64Url(header)
  return bytes !== undefined && Buffer.from(bytes).toString('latin1').trimStart().startsWith('{')
}

/** As JSON: no two lists of texts are written alike. */
function digest(texts: readonly string[]): string {
  return hash('sha256', JSON.stringify(texts), 'base64url')
}

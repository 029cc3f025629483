import { isFailure } from '../errors.js'
import { checkSignature } from '../issuers/check-signature.js'
import type { KeySet } from '../issuers/key-set.js'
import type { IssuerSettings } from '../issuers/trusted-issuer.js'
import { FetchError } from '../lib/fetch-json.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'
import { decodeToken, type UnverifiedToken } from '../tokens/decode-token.js'
import { readNumericDate } from '../tokens/numeric-date.js'
import { readTexts } from '../tokens/read-texts.js'
import { readType } from '../tokens/token-type.js'

/** Who was asked by whom. */
interface Expected {
  readonly settings: Pick<IssuerSettings, 'issuer' | 'algorithms'>
  readonly keys: Pick<KeySet, 'find'>
  readonly clientId: string
  /** In seconds since the epoch. */
  readonly now: number
}

/** How old an answer may be, or how far ahead its issuer's clock. */
const MAX_DISTANCE_SECONDS = 60
const REFUSED_PARAMETERS = ['crit', 'b64', 'enc', 'zip', 'jwk']

/**
 * Reads an answer that its issuer signed, and says what it holds about the token. The channel alone is not believed: it must be
 * of this type, of this issuer, for this client, of now, and signed with a key of the issuer's.
 *
 * @throws {FetchError} When anything of it is not so.
 * @throws {UnavailableError} When the keys cannot be had.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9701#section-5 | RFC 9701 §5}
 */
export async function readSignedAnswer(jwt: string, expected: Expected): Promise<JsonObject> {
  const decoded = decodeToken(jwt)
  const problem = isFailure(decoded)
    ? 'is no well-formed JWT: an encrypted one cannot be read here'
    : (judgeClaims(decoded, expected) ?? (await judgeSignature(jwt, decoded, expected)))
  if (problem !== undefined || isFailure(decoded)) {
    throw new FetchError(`The signed answer of ${expected.settings.issuer} about a token ${problem ?? 'is none'}`)
  }
  const answer = ownMember(decoded.claims, 'token_introspection')
  return isJsonObject(answer) ? answer : {}
}

function judgeClaims({ header, claims }: UnverifiedToken, { settings, clientId, now }: Expected): string | undefined {
  if (readType(header) !== 'token-introspection+jwt') return 'is not of the type "token-introspection+jwt"'
  if (REFUSED_PARAMETERS.some((name) => Object.hasOwn(header, name))) return 'has a parameter that is not accepted'
  if (ownMember(claims, 'iss') !== settings.issuer) return 'names another issuer'
  if (readTexts(ownMember(claims, 'aud'))?.includes(clientId) !== true) return 'is for another client: see its "aud"'
  const iat = readNumericDate(claims, 'iat')
  if (iat === undefined || Math.abs(now - iat) > MAX_DISTANCE_SECONDS) return 'is not of now: see its "iat"'
  return isJsonObject(ownMember(claims, 'token_introspection')) ? undefined : 'has no "token_introspection"'
}

async function judgeSignature(
  jwt: string,
  { header }: UnverifiedToken,
  { settings, keys }: Expected,
): Promise<string | undefined> {
  const kid = ownMember(header, 'kid')
  const algorithm = settings.algorithms.find((allowed) => allowed === ownMember(header, 'alg'))
  if (algorithm === undefined) return 'is signed with an algorithm that is not allowed: see "algorithms"'
  const key = await keys.find({ kid: typeof kid === 'string' ? kid : undefined, algorithm })
  if (key === undefined) return 'is signed with a key that the issuer does not publish'
  return (await checkSignature(jwt, key)) === undefined ? undefined : 'has a signature that does not verify'
}

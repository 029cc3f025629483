import type { Failure } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'

/**
 * Parameters that no honest access token carries: extensions, detached payloads, encryption, and a key of its own. `jku`,
 * `x5u`, `x5c` and `x5t` stand in the tokens of real issuers (Cloud Foundry UAA, SAP): they say where a key could be had, which
 * nobody has to follow (RFC 7515 §4.1.2), and are not looked at.
 */
const REFUSED_PARAMETERS = ['crit', 'b64', 'enc', 'jwk']

/** Claims that RFC 7519 §5.3 lets an issuer repeat in the header; they must not say anything else there. */
const REPLICATED_CLAIMS = ['iss', 'sub', 'aud']

const TEXTS = ['typ', 'x5t', 'x5t#S256']

const MAX_KID_LENGTH = 256

/** Says what a header holds that is not accepted, whatever token it is of. */
export function checkHeader(header: JsonObject, unverifiedClaims: JsonObject): Failure | undefined {
  for (const name of REFUSED_PARAMETERS) {
    if (Object.hasOwn(header, name)) return unsupported(`"${name}" is not accepted`)
  }
  // "NONE" is how PingAM and ForgeRock AM say that nothing is compressed.
  if (Object.hasOwn(header, 'zip') && header['zip'] !== 'NONE') return unsupported('"zip" is not accepted')
  if (isNestedJwt(ownMember(header, 'cty'))) return unsupported('"cty" says that the payload is another JWT')
  const misplaced = checkTexts(header)
  if (misplaced !== undefined) return misplaced
  if (Object.hasOwn(header, 'nonce')) {
    return unsupported(
      '"nonce" in the header marks a Microsoft Graph token, which nobody but Microsoft Graph can verify',
    )
  }
  for (const name of REPLICATED_CLAIMS) {
    if (!Object.hasOwn(header, name) || isSameJson(header[name], ownMember(unverifiedClaims, name))) continue
    return unsupported(`"${name}" differs from the claim of that name`)
  }
  return undefined
}

function checkTexts(header: JsonObject): Failure | undefined {
  const kid = ownMember(header, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH)) {
    return unsupported('"kid" is not a text of 1 to 256 characters')
  }
  for (const name of TEXTS) {
    if (!isTextOrAbsent(ownMember(header, name))) return unsupported(`"${name}" is not a text`)
  }
  return undefined
}

function isNestedJwt(cty: unknown): boolean {
  return cty !== undefined && (typeof cty !== 'string' || /^(?:application\/)?jwt$/i.test(cty))
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function isSameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function unsupported(detail: string): Failure {
  return { code: 'unsupported_header', detail }
}

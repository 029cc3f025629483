import type { Failure } from '../../errors.js'
import { isCanonicalBase64Url } from '../../lib/base64url.js'
import { isJsonObject, ownMember, type JsonObject } from '../../lib/strict-json.js'
import { check } from '../check.js'

/**
 * It is bound to no key, so that whoever holds it may present it; or to one whose holder can prove that here. Which of the two is
 * found, and no more than that: each request has to prove it for itself.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7800#section-3.1 | RFC 7800 §3.1}
 */
export const binding = check({
  name: 'binding',
  spec: 'RFC 7800 §3.1',
  needs: ['decoded'],
  run({ findings, rules }): Failure | undefined {
    const { claims } = findings.decoded
    if (!Object.hasOwn(claims, 'cnf')) return undefined
    if (rules.dpop === undefined) return boundToken('there is a "cnf", and the option "dpop" is not set')
    const thumbprint = readThumbprint(claims)
    if (thumbprint === undefined)
      return boundToken('its "cnf" is not one "jkt", the thumbprint of a key, and nothing else')
    findings.boundTo = thumbprint
    return undefined
  },
})

/** That of SHA-256 in base64url. */
const THUMBPRINT_LENGTH = 43

/** With another member beside it, the token may ask for a second proof, which nobody here would look for. */
function readThumbprint(claims: JsonObject): string | undefined {
  const cnf = ownMember(claims, 'cnf')
  if (!isJsonObject(cnf) || Object.keys(cnf).length !== 1) return undefined
  const jkt = ownMember(cnf, 'jkt')
  return typeof jkt === 'string' && jkt.length === THUMBPRINT_LENGTH && isCanonicalBase64Url(jkt) ? jkt : undefined
}

function boundToken(detail: string): Failure {
  return { code: 'key_bound_token', detail }
}

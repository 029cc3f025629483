import type { Failure } from '../../errors.js'
import { isCanonicalBase64Url } from '../../lib/base64url.js'
import { isJsonObject, ownMember, type JsonObject } from '../../lib/strict-json.js'
import { check } from '../check.js'
import type { CheckRules } from '../examination.js'

/**
 * It is bound to nothing, so that whoever holds it may present it; or to a key, to a certificate or to both, whose holder can
 * prove that here. Which of these is found, and no more than that: each request has to prove it for itself.
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
    if (rules.dpop === undefined && rules.mtls === undefined)
      return boundToken('there is a "cnf", and neither of the options "dpop" and "mtls" is set')
    const cnf = ownMember(claims, 'cnf')
    if (!isJsonObject(cnf)) return unreadable
    const problem = checkMembers(cnf, rules)
    if (problem !== undefined) return problem
    findings.boundTo = readThumbprint(cnf, 'jkt')
    findings.boundToCertificate = readThumbprint(cnf, 'x5t#S256')
    return undefined
  },
})

/** What a token may be bound to here, and the option that says how it is proved. */
const methods: Readonly<Record<string, 'dpop' | 'mtls' | undefined>> = { jkt: 'dpop', 'x5t#S256': 'mtls' }

/** Of each member a proof is asked. One that nobody here knows may ask for something, too, which nobody would look for. */
function checkMembers(cnf: JsonObject, rules: CheckRules): Failure | undefined {
  const names = Object.keys(cnf)
  if (names.length === 0) return unreadable
  for (const name of names) {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method === undefined || readThumbprint(cnf, name) === undefined) return unreadable
    if (rules[method] === undefined) return boundToken(`its "cnf" has "${name}", and the option "${method}" is not set`)
  }
  return undefined
}

/** That of SHA-256 in base64url. */
const THUMBPRINT_LENGTH = 43

function readThumbprint(cnf: JsonObject, name: string): string | undefined {
  const value = ownMember(cnf, name)
  return typeof value === 'string' && value.length === THUMBPRINT_LENGTH && isCanonicalBase64Url(value)
    ? value
    : undefined
}

const unreadable: Failure = boundToken(
  'its "cnf" is not the thumbprint of a key ("jkt"), that of a certificate ("x5t#S256") or both, and nothing else',
)

function boundToken(detail: string): Failure {
  return { code: 'key_bound_token', detail }
}

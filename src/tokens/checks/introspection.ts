import type { Failure } from '../../errors.js'
import type { IntrospectionAnswer } from '../../issuers/introspector.js'
import { whenSettled, type Eventual } from '../../lib/eventual.js'
import { quoteAll } from '../../lib/quote.js'
import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import { check, type Outcome } from '../check.js'
import { describeIssuer } from '../describe-issuer.js'
import type { FindingsSoFar, FoundIssuer } from '../examination.js'
import { checkOpaqueForm } from '../token-form.js'

/**
 * The one issuer whose opaque token it may be says that it is active. What it says more is judged by the checks that come after,
 * as what a signed token says: nothing but a JSON `true` is active, and an answer that names another issuer is none.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.2 | RFC 7662 §2.2}
 */
export const introspection = check({
  name: 'introspection',
  spec: 'RFC 7662 §2.2',
  of: 'opaque',
  run({ token, rules: { issuerOfOpaque }, lifetime, findings }) {
    const malformed = checkOpaqueForm(token)
    if (malformed !== undefined || issuerOfOpaque === undefined) return malformed ?? nobodyAsked
    const routed = findings.routedTo === undefined ? issuerOfOpaque(token) : findings.routedTo
    return whenSettled(routed, (name) => {
      const found = name === undefined || name === null ? undefined : lifetime.findIssuer(name)
      return whenSettled(found, (issuer): Eventual<Outcome> => {
        if (issuer?.introspector === undefined) return nobodyAsked
        return lifetime.introspect(issuer, token).then((answer) => judge(answer, issuer, findings))
      })
    })
  },
  tell: ({ issuer, decoded }) =>
    issuer?.introspector === undefined || decoded === undefined
      ? undefined
      : `${issuer.introspector.about} said that it is active, with ${quoteAll(Object.keys(decoded.claims))}`,
})

/** Says why a token is not active, of whatever form it is. */
export function checkActive({ isActive }: IntrospectionAnswer, { introspector }: FoundIssuer): Failure | undefined {
  if (isActive) return undefined
  return { code: 'token_inactive', detail: `${introspector?.about ?? 'its issuer'} said that it is not active` }
}

const noHeader: JsonObject = Object.freeze({})

const nobodyAsked: Failure = {
  code: 'malformed_token',
  detail: 'it is no JWT, and no issuer is asked about it: see "introspection" and "issuerOfOpaqueToken"',
}

function judge(answer: IntrospectionAnswer, issuer: FoundIssuer, findings: FindingsSoFar): Outcome {
  const { claims } = answer
  const inactive = checkActive(answer, issuer)
  if (inactive !== undefined) return inactive
  const name = issuer.settings.issuer
  if (Object.hasOwn(claims, 'iss') && claims['iss'] !== name) {
    return { code: 'unknown_issuer', detail: describeIssuer(claims['iss'], [name]) }
  }
  if (isDpop(ownMember(claims, 'token_type')) && !Object.hasOwn(claims, 'cnf')) {
    return { code: 'key_bound_token', detail: 'its "token_type" is DPoP, and no "cnf" says to which key it is bound' }
  }
  findings.issuer = issuer
  findings.decoded = { header: noHeader, claims }
  // What the issuer calls an active token at this endpoint is an access token, unless it says what else it is.
  findings.type = 'at+jwt'
  findings.isSigned = true
  return undefined
}

function isDpop(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'dpop'
}

import { isFailure } from '../errors.js'
import type { Eventual } from '../lib/when-settled.js'
import { checkAudience, checkClaims, validateClaims } from './check-claims.js'
import { checkHeader } from './check-header.js'
import { checkSignature } from './check-signature.js'
import { checkAge, checkExpiry, checkNotBefore } from './check-times.js'
import { checkType, classifyToken } from './classify-token.js'
import { decodeToken } from './decode-token.js'
import { findAlgorithm, findIssuer, findKey } from './establish-trust.js'
import type { Check, Examination, Findings, Outcome } from './examination.js'
import { readAuthority } from './read-claims.js'

/**
 * Every check of an access token, cheap ones first, and nothing that the payload claims before the signature holds. The
 * middleware runs the list to the first failure, `explainToken` to its end.
 */
export const checks: readonly Check[] = [
  check({
    name: 'form',
    spec: 'RFC 7515 §7.1',
    lasting: true,
    run({ token, findings }) {
      const decoded = decodeToken(token)
      if (isFailure(decoded)) return decoded
      findings.decoded = decoded
      return undefined
    },
  }),
  check({
    name: 'type',
    spec: 'RFC 8725 §3.11',
    lasting: true,
    needs: ['decoded'],
    run: ({ findings: { decoded } }) => checkType(decoded.header),
  }),
  check({
    name: 'header',
    spec: 'RFC 8725 §3.10',
    lasting: true,
    needs: ['decoded'],
    run: ({ findings: { decoded } }) => checkHeader(decoded.header, decoded.claims),
  }),
  check({
    name: 'issuer',
    spec: 'RFC 9068 §4',
    needs: ['decoded'],
    run: ({ rules, findings }) => findIssuer(rules, findings),
  }),
  check({
    name: 'algorithm',
    spec: 'RFC 8725 §3.1',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings }) => findAlgorithm(findings),
  }),
  check({
    name: 'key',
    spec: 'RFC 7515 §4.1.4',
    needs: ['decoded', 'issuer', 'algorithm'],
    run: ({ rules, findings }) => findKey(rules, findings),
  }),
  check({
    name: 'signature',
    spec: 'RFC 7515 §5.2',
    lasting: true,
    needs: ['key'],
    run: ({ token, findings: { key } }) => checkSignature(token, key),
  }),
  check({
    name: 'kind',
    spec: 'RFC 8725 §3.12',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => classifyToken(decoded.header, decoded.claims, issuer.settings),
  }),
  check({
    name: 'claims',
    spec: 'RFC 7519 §4',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => checkClaims(decoded.claims, issuer.settings.profile),
  }),
  check({
    name: 'audience',
    spec: 'RFC 9068 §4',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => checkAudience(decoded.claims, issuer.settings),
  }),
  check({
    name: 'expiry',
    spec: 'RFC 7519 §4.1.4',
    needs: ['decoded'],
    run: ({ rules, findings: { decoded } }) => checkExpiry(decoded.claims, rules),
  }),
  check({
    name: 'not before',
    spec: 'RFC 7519 §4.1.5',
    needs: ['decoded'],
    run: ({ rules, findings: { decoded } }) => checkNotBefore(decoded.claims, rules),
  }),
  check({
    name: 'age',
    spec: 'RFC 7519 §4.1.6',
    needs: ['decoded'],
    run: ({ rules, findings: { decoded } }) => checkAge(decoded.claims, rules),
  }),
  check({
    name: 'binding',
    spec: 'RFC 7800 §3.1',
    lasting: true,
    needs: ['decoded'],
    run: ({ findings: { decoded } }) =>
      Object.hasOwn(decoded.claims, 'cnf') ? { code: 'key_bound_token' } : undefined,
  }),
  check({
    name: 'authority',
    spec: 'RFC 9068 §2.2.3',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run({ findings }) {
      const authority = readAuthority(findings.decoded.claims, findings.issuer.settings)
      if (isFailure(authority)) return authority
      findings.authority = authority
      return undefined
    },
  }),
  check({
    name: 'schema',
    spec: 'the option "claims"',
    needs: ['decoded'],
    run: ({ rules, findings }) => validateClaims(rules.schema, findings),
  }),
]

/** Types a check by the findings that it needs. */
function check<Need extends keyof Findings = never>(definition: {
  name: string
  spec: string
  lasting?: true
  needs?: readonly Need[]
  run: (examination: Examination & { findings: Pick<Findings, Need> }) => Eventual<Outcome>
}): Check {
  const { name, spec, lasting = false, needs = [], run } = definition
  // The runner calls `run` only when everything in `needs` has been found.
  return { name, spec, lasting, needs, run: run as Check['run'] }
}

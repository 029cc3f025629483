import { isFailure } from '../errors.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import { checkAudience, checkClaims, checkPresenter, validateClaims } from './check-claims.js'
import { checkHeader } from './check-header.js'
import { checkAge, checkExpiry, checkNotBefore, readNumericDate } from './check-times.js'
import { checkType, classifyToken } from './classify-token.js'
import { decodeToken } from './decode-token.js'
import { findAlgorithm, findIssuer, findKey, verifySignature } from './establish-trust.js'
import type { Check, Examination, Findings, Outcome, Standing } from './examination.js'
import { readAuthority } from './read-claims.js'

/**
 * Every check of an access token, cheap ones first. Of what the payload claims, only the issuer and the expiry are judged before
 * the signature holds: what has expired is not worth a fetch, and is told so whether or not its key is at hand. The middleware
 * runs the list to the first failure, `explainToken` to its end.
 */
export const checks: readonly Check[] = [
  check({
    name: 'form',
    spec: 'RFC 7515 §7.1',
    stands: 'always',
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
    stands: 'always',
    needs: ['decoded'],
    run: ({ findings: { decoded } }) => checkType(decoded.header),
  }),
  check({
    name: 'header',
    spec: 'RFC 8725 §3.10',
    stands: 'always',
    needs: ['decoded'],
    run: ({ findings: { decoded } }) => checkHeader(decoded.header, decoded.claims),
  }),
  check({
    name: 'issuer',
    spec: 'RFC 9068 §4',
    stands: 'with trust',
    needs: ['decoded'],
    run: ({ rules, findings }) => findIssuer(findings, rules),
  }),
  check({
    name: 'algorithm',
    spec: 'RFC 8725 §3.1',
    stands: 'always',
    needs: ['decoded', 'issuer'],
    run: ({ findings }) => findAlgorithm(findings),
  }),
  check({
    name: 'expiry',
    spec: 'RFC 7519 §4.1.4',
    stands: 'in time',
    needs: ['decoded'],
    run({ now, rules, findings }) {
      const { claims } = findings.decoded
      const failure = checkExpiry(claims, now, rules)
      const expiresAt = readNumericDate(claims, 'exp')
      if (failure !== undefined || expiresAt === undefined) return failure
      findings.expiresAt = expiresAt
      return undefined
    },
  }),
  check({
    name: 'key',
    spec: 'RFC 7515 §4.1.4',
    stands: 'with trust',
    needs: ['decoded', 'issuer', 'algorithm'],
    run: ({ findings }) => findKey(findings),
  }),
  check({
    name: 'signature',
    spec: 'RFC 7515 §5.2',
    stands: 'always',
    needs: ['issuer', 'wanted', 'key'],
    run: ({ token, findings }) =>
      whenSettled(verifySignature(token, findings), (failure) => {
        if (failure === undefined) findings.isSigned = true
        return failure
      }),
  }),
  check({
    name: 'kind',
    spec: 'RFC 8725 §3.12',
    stands: 'always',
    needs: ['decoded', 'issuer'],
    run({ findings: { decoded, issuer } }) {
      // From here on they are handed out, to predicates and to handlers: nobody may change them for whoever comes next.
      const header = deepFreeze(decoded.header)
      const claims = deepFreeze(decoded.claims)
      return classifyToken(header, claims, issuer.settings) ?? checkPresenter(claims, issuer.settings)
    },
  }),
  check({
    name: 'claims',
    spec: 'RFC 7519 §4',
    stands: 'always',
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => checkClaims(decoded.claims, issuer.settings.profile),
  }),
  check({
    name: 'audience',
    spec: 'RFC 9068 §4',
    stands: 'always',
    needs: ['decoded', 'issuer'],
    run: ({ findings }) => checkAudience(findings),
  }),
  check({
    name: 'not before',
    spec: 'RFC 7519 §4.1.5',
    stands: 'in time',
    needs: ['decoded'],
    run: ({ now, rules, findings: { decoded } }) => checkNotBefore(decoded.claims, now, rules),
  }),
  check({
    name: 'age',
    spec: 'RFC 7519 §4.1.6',
    stands: 'in time',
    needs: ['decoded'],
    run: ({ now, rules, findings: { decoded } }) => checkAge(decoded.claims, now, rules),
  }),
  check({
    name: 'binding',
    spec: 'RFC 7800 §3.1',
    stands: 'always',
    needs: ['decoded'],
    run: ({ findings: { decoded } }) =>
      Object.hasOwn(decoded.claims, 'cnf') ? { code: 'key_bound_token' } : undefined,
  }),
  check({
    name: 'authority',
    spec: 'RFC 9068 §2.2.3',
    stands: 'always',
    needs: ['decoded', 'issuer', 'audience'],
    run({ findings }) {
      const authority = readAuthority(findings.decoded.claims, findings.audience, findings.issuer.settings)
      if (isFailure(authority)) return authority
      findings.authority = authority
      return undefined
    },
  }),
  check({
    name: 'schema',
    spec: 'the option "claims"',
    stands: 'once',
    isWanted: ({ schema }) => schema !== undefined,
    needs: ['decoded'],
    run: ({ rules, findings }) => validateClaims(rules, findings),
  }),
]

/** Types a check by the findings that it needs. */
function check<Need extends keyof Findings = never>(definition: {
  name: string
  spec: string
  stands: Standing
  isWanted?: Check['isWanted']
  needs?: readonly Need[]
  run: (examination: Examination & { findings: Pick<Findings, Need> & Partial<Findings> }) => Eventual<Outcome>
}): Check {
  const { name, spec, stands, isWanted = () => true, needs = [], run } = definition
  // The runner calls `run` only when everything in `needs` has been found.
  return { name, spec, stands, isWanted, needs, run: run as Check['run'] }
}

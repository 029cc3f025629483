import type { Failure } from '../errors.js'
import { ownMember } from '../lib/strict-json.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import { checkExpiry } from './check-times.js'
import type { Findings, FindingsWith, Outcome, TokenRules } from './examination.js'

const unknownIssuer: Failure = { code: 'unknown_issuer' }
const unknownKey: Failure = { code: 'unknown_key' }
const notFetched: Failure = {
  code: 'unknown_key',
  detail: 'its key is not at hand, and "exp" says that it is not worth a fetch',
}

/** Finds the trusted issuer that the token names. The name is unverified: it chooses among those trusted, and no more. */
export function findIssuer(findings: FindingsWith<'decoded'>, { issuers }: TokenRules): Eventual<Outcome> {
  const iss = ownMember(findings.decoded.claims, 'iss')
  if (typeof iss !== 'string') return unknownIssuer
  return whenSettled(issuers.find(iss), (issuer): Outcome => {
    if (issuer === undefined) return unknownIssuer
    findings.issuer = issuer
    return undefined
  })
}

/** Finds the token's algorithm in the issuer's allow-list, compared with its case. */
export function findAlgorithm(findings: FindingsWith<'decoded' | 'issuer'>): Outcome {
  const alg = ownMember(findings.decoded.header, 'alg')
  const algorithm = findings.issuer.settings.algorithms.find((allowed) => allowed === alg)
  if (algorithm === undefined) return { code: 'algorithm_not_allowed' }
  findings.algorithm = algorithm
  return undefined
}

/** Finds the key. What is expired, or has no usable `exp`, is refused in any case and not worth a fetch. */
export function findKey(
  findings: FindingsWith<'decoded' | 'issuer' | 'algorithm'>,
  now: number,
  rules: TokenRules,
): Eventual<Outcome> {
  const { decoded, issuer, algorithm } = findings
  const kid = ownMember(decoded.header, 'kid') as string | undefined // checkHeader has established it
  const wanted = { kid, algorithm }
  findings.wanted = wanted
  const dead = checkExpiry(decoded.claims, now, rules) !== undefined
  const found = dead ? issuer.keys.peek(wanted) : issuer.keys.find(wanted)
  return whenSettled(found, (key): Outcome => {
    if (key === undefined) return dead ? notFetched : unknownKey
    findings.key = key
    return undefined
  })
}

/** Tells whether the issuer and the key that were found for a token earlier are those that would be found now. */
export function isStillTrusted(
  { issuer, wanted, key }: Pick<Findings, 'issuer' | 'wanted' | 'key'>,
  { issuers }: TokenRules,
): Eventual<boolean> {
  return whenSettled(
    issuers.find(issuer.settings.issuer),
    (found) => found === issuer && whenSettled(issuer.keys.find(wanted), (sameKey): boolean => sameKey === key),
  )
}

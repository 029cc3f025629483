import type { Failure } from '../errors.js'
import { quote } from '../lib/quote.js'
import { ownMember } from '../lib/strict-json.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import { checkSignature } from './check-signature.js'
import { describeIssuer } from './describe-issuer.js'
import type { Findings, FindingsWith, Outcome, TokenRules } from './examination.js'

const notFetched: Failure = {
  code: 'unknown_key',
  detail: 'its key is not at hand, and "exp" says that it is not worth a fetch',
}

/** Finds the trusted issuer that the token names. The name is unverified: it chooses among those trusted, and no more. */
export function findIssuer(findings: FindingsWith<'decoded'>, { issuers }: TokenRules): Eventual<Outcome> {
  const iss = ownMember(findings.decoded.claims, 'iss')
  if (typeof iss !== 'string') return unknownIssuer(iss, issuers.names)
  return whenSettled(issuers.find(iss), (issuer): Outcome => {
    if (issuer === undefined) return unknownIssuer(iss, issuers.names)
    findings.issuer = issuer
    return undefined
  })
}

function unknownIssuer(iss: unknown, names: readonly string[] | undefined): Failure {
  return { code: 'unknown_issuer', detail: describeIssuer(iss, names) }
}

/** Finds the token's algorithm in the issuer's allow-list, compared with its case. */
export function findAlgorithm(findings: FindingsWith<'decoded' | 'issuer'>): Outcome {
  const alg = ownMember(findings.decoded.header, 'alg')
  const { algorithms } = findings.issuer.settings
  const algorithm = algorithms.find((allowed) => allowed === alg)
  if (algorithm === undefined) return { code: 'algorithm_not_allowed', detail: describeAlgorithm(alg, algorithms) }
  findings.algorithm = algorithm
  return undefined
}

function describeAlgorithm(alg: unknown, allowed: readonly string[]): string {
  if (alg === undefined) return '"alg" is missing'
  return typeof alg === 'string'
    ? `its "alg" is ${quote(alg)}; allowed are ${allowed.join(', ')}`
    : '"alg" is not a text'
}

/** Finds the key. What has expired, or says no time at which it does, was refused before and is not worth a fetch. */
export function findKey(findings: FindingsWith<'decoded' | 'issuer' | 'algorithm'>): Eventual<Outcome> {
  const { decoded, issuer, algorithm } = findings
  const kid = ownMember(decoded.header, 'kid') as string | undefined // checkHeader has established it
  const wanted = { kid, algorithm }
  findings.wanted = wanted
  const isDead = findings.expiresAt === undefined
  const found = isDead ? issuer.keys.peek(wanted) : issuer.keys.find(wanted)
  return whenSettled(found, (key): Outcome => {
    if (key === undefined) return isDead ? notFetched : { code: 'unknown_key', detail: issuer.keys.explain(wanted) }
    findings.key = key
    return undefined
  })
}

/**
 * Checks the signature with the key that was found, and where that fails with the key that stands under its name now: an
 * issuer may put a new key under an old name.
 */
export function verifySignature(token: string, findings: FindingsWith<'issuer' | 'wanted' | 'key'>): Eventual<Outcome> {
  const { issuer, wanted, key } = findings
  return whenSettled(checkSignature(token, key), (failure) => {
    if (failure === undefined) return undefined
    return whenSettled(issuer.keys.findOther(wanted, key), (other): Eventual<Outcome> => {
      if (other === undefined) return failure
      findings.key = other
      return checkSignature(token, other)
    })
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

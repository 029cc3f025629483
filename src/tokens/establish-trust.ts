import { compactVerify } from 'jose'
import type { Failure } from '../errors.js'
import type { TrustedIssuer } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import { ownMember } from '../lib/strict-json.js'
import { checkExpiry } from './check-times.js'
import type { FindingsWith, Outcome, TokenIssuer, TokenRules } from './examination.js'

const unknownIssuer: Failure = { code: 'unknown_issuer' }
const unknownKey: Failure = { code: 'unknown_key' }
const notFetched: Failure = {
  code: 'unknown_key',
  detail: 'its key is not at hand, and "exp" says that it is not worth a fetch',
}

/** Finds the trusted issuer that the token names. The name is unverified: it chooses among those trusted, and no more. */
export function findIssuer({ issuers }: TokenRules, findings: FindingsWith<'decoded'>): Outcome | Promise<Outcome> {
  const iss = ownMember(findings.decoded.claims, 'iss')
  if (typeof iss !== 'string') return unknownIssuer
  const settle = (issuer: TrustedIssuer<TokenIssuer> | undefined): Outcome => {
    if (issuer === undefined) return unknownIssuer
    findings.issuer = issuer
    return undefined
  }
  const found = issuers.find(iss)
  return found instanceof Promise ? found.then(settle) : settle(found)
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
  rules: TokenRules,
  findings: FindingsWith<'decoded' | 'issuer' | 'algorithm'>,
): Outcome | Promise<Outcome> {
  const { decoded, issuer, algorithm } = findings
  const kid = ownMember(decoded.header, 'kid') as string | undefined // checkHeader has established it
  const dead = checkExpiry(decoded.claims, rules) !== undefined
  const settle = (key: VerificationKey | undefined): Outcome => {
    if (key === undefined) return dead ? notFetched : unknownKey
    findings.key = key
    return undefined
  }
  const found = dead ? issuer.keys.peek({ kid, algorithm }) : issuer.keys.find({ kid, algorithm })
  return found instanceof Promise ? found.then(settle) : settle(found)
}

/** Checks the signature. Whatever goes wrong in there, a signature that was not verified does not stand. */
export async function checkSignature(token: string, { key, algorithm }: VerificationKey): Promise<Outcome> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return undefined
  } catch {
    return { code: 'invalid_signature' }
  }
}

import type { Failure } from '../errors.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { whenSettled, type Eventual } from '../lib/when-settled.js'
import type { Auth, TokenFacts } from './auth.js'
import { readLifetime, readNumericDate } from './check-times.js'
import { checks } from './checks.js'
import { MAX_TOKEN_LENGTH } from './decode-token.js'
import { isStillTrusted } from './establish-trust.js'
import type { Check, Examination, Findings, TokenRules } from './examination.js'
import type { Profile } from './profiles/profile.js'
import type { KeptToken, VerifiedTokenCache } from './verified-token-cache.js'

/** A token that passed every check. */
export interface VerifiedToken {
  readonly auth: Auth
  /** The claims as the token holds them; those of `auth` may be what a schema made of them. */
  readonly tokenClaims: JsonObject
  /** How the tokens of its issuer look. */
  readonly profile: Profile
}

/** A token, and when it was presented: in seconds since the epoch. */
type Presented = Pick<Examination, 'token' | 'now'>

const checksOfEachRequest = checks.filter(({ stands }) => stands === 'once')

/**
 * Runs the checks to the first failure. With a cache, a token that passed before skips those that cannot come out otherwise;
 * whenever anything else is not as it was, all of them run again, so that the verdict is the one without a cache.
 *
 * It answers at once, without a promise, when nothing had to be waited for: a remembered token whose key is at hand.
 *
 * @throws {UnavailableError} When it cannot be decided.
 */
export function verifyToken(
  presented: Presented,
  rules: TokenRules,
  cache: VerifiedTokenCache | undefined,
): Eventual<VerifiedToken | Failure> {
  const { token, now } = presented
  if (cache === undefined || token.length > MAX_TOKEN_LENGTH) return verifyAfresh(presented, rules)
  const digest = cache.digestOf(token)
  const kept = cache.find(digest, now)
  const keep = (verified: KeptToken): void => {
    cache.keep(digest, token.length, verified, now)
  }
  if (kept === undefined) return verifyAfresh(presented, rules, keep)
  return whenSettled(isStillTrusted(kept.facts.header, kept, rules), (isTrusted) => {
    if (isTrusted) return verifyAgain(presented, rules, kept)
    cache.drop(digest)
    return verifyAfresh(presented, rules, keep)
  })
}

function verifyAfresh(
  presented: Presented,
  rules: TokenRules,
  keep?: (verified: KeptToken) => void,
): Eventual<VerifiedToken | Failure> {
  const findings: Partial<Findings> = {}
  return whenSettled(runChecks(checks, { ...presented, rules, findings }), (failure) => {
    if (failure !== undefined) return failure
    // Every check has passed, so everything has been found.
    const found = findings as Findings
    const { issuer, key } = found
    const facts = readFacts(found)
    keep?.({ issuer, key, facts, ...readLifetime(facts.claims, rules) })
    return describe(presented.token, found, facts, rules)
  })
}

/** Verifies a token that passed before, whose time has not come to its end and whose issuer and key are the same. */
function verifyAgain(
  { token, now }: Presented,
  rules: TokenRules,
  { facts, issuer, key }: KeptToken,
): Eventual<VerifiedToken | Failure> {
  const { algorithm } = key
  const findings = { decoded: facts, issuer, algorithm, key, authority: facts, validatedClaims: undefined }
  return whenSettled(
    runChecks(checksOfEachRequest, { token, now, rules, findings }),
    (failure) => failure ?? describe(token, findings, facts, rules),
  )
}

function runChecks(list: readonly Check[], examination: Examination, from = 0): Eventual<Failure | undefined> {
  for (let i = from; i < list.length; i++) {
    const outcome = list[i]?.run(examination)
    if (outcome instanceof Promise) {
      return outcome.then((failure) => failure ?? runChecks(list, examination, i + 1))
    }
    if (outcome !== undefined) return outcome
  }
  return undefined
}

function readFacts({ decoded: { header, claims }, issuer, authority }: Findings): TokenFacts {
  const sub = ownMember(claims, 'sub')
  const { clientId, audience, scopes, roles, permissions } = deepFreeze(authority)
  return {
    scheme: 'Bearer',
    issuer: issuer.settings.issuer,
    subject: typeof sub === 'string' ? sub : undefined,
    clientId,
    audience,
    scopes,
    roles,
    permissions,
    expiresAt: readNumericDate(claims, 'exp') ?? 0, // it is there since the expiry check
    issuedAt: readNumericDate(claims, 'iat'),
    claims,
    header,
  }
}

function describe(
  token: string,
  { issuer, validatedClaims }: Findings,
  facts: TokenFacts,
  { schema }: TokenRules,
): VerifiedToken {
  // Member by member: spreading costs several times as much, on every request.
  const auth = {
    scheme: facts.scheme,
    issuer: facts.issuer,
    subject: facts.subject,
    clientId: facts.clientId,
    audience: facts.audience,
    scopes: facts.scopes,
    roles: facts.roles,
    permissions: facts.permissions,
    expiresAt: facts.expiresAt,
    issuedAt: facts.issuedAt,
    claims: schema === undefined ? facts.claims : validatedClaims,
    header: facts.header,
  }
  Object.defineProperty(auth, 'token', { value: token, enumerable: false })
  // `token` was just defined, and the arrays are frozen at run time only.
  return { auth: Object.freeze(auth) as unknown as Auth, tokenClaims: facts.claims, profile: issuer.settings.profile }
}

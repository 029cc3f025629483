import type { Failure } from '../errors.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { whenSettled, type Eventual } from '../lib/when-settled.js'
import type { Auth } from './auth.js'
import { checks } from './checks.js'
import type { Check, Examination, Findings, TokenRules } from './examination.js'
import { readNumericDate } from './check-times.js'
import { MAX_TOKEN_LENGTH } from './decode-token.js'
import type { Profile } from './profiles/profile.js'
import type { KeptFindings, VerifiedTokenCache } from './verified-token-cache.js'

/** A token that passed every check. */
export interface VerifiedToken {
  readonly auth: Auth
  /** The claims as the token holds them; those of `auth` may be what a schema made of them. */
  readonly tokenClaims: JsonObject
  /** How the tokens of its issuer look. */
  readonly profile: Profile
}

/** The checks whose outcome can change while the token, its issuer's settings and its key stay the same. */
const repeatedChecks = checks.filter(({ lasting }) => !lasting)

/**
 * Runs the checks to the first failure. With a cache, a token that passed before skips those that cannot come out otherwise;
 * whenever anything else is not as it was, all of them run again, so that the verdict is the one without a cache.
 *
 * It answers at once, without a promise, when nothing had to be waited for: a remembered token whose key is at hand.
 *
 * @throws {UnavailableError} When it cannot be decided.
 */
export function verifyToken(
  token: string,
  rules: TokenRules,
  cache: VerifiedTokenCache | undefined,
): Eventual<VerifiedToken | Failure> {
  if (cache === undefined || token.length > MAX_TOKEN_LENGTH) return verifyAfresh(token, rules)
  const digest = cache.digestOf(token)
  const kept = cache.find(digest, rules.now)
  const again = kept === undefined ? undefined : verifyAgain(token, rules, kept)
  return whenSettled(again, (verified) => {
    if (verified !== undefined) return verified
    if (kept !== undefined) cache.drop(digest)
    return verifyAfresh(token, rules, ({ decoded: { header, claims }, issuer, key, authority }) => {
      // A whole number takes no room of its own. Rounded down: nothing counts as younger than it is.
      const keptAt = Math.floor(rules.now)
      cache.keep(digest, token.length, { header, claims, issuer, key, authority, keptAt })
    })
  })
}

function verifyAfresh(
  token: string,
  rules: TokenRules,
  keep?: (findings: Findings) => void,
): Eventual<VerifiedToken | Failure> {
  const findings: Partial<Findings> = {}
  return whenSettled(runChecks(checks, { token, rules, findings }), (failure) => {
    if (failure !== undefined) return failure
    // Every check has passed, so everything has been found.
    const found = findings as Findings
    deepFreeze(found.authority)
    keep?.(found)
    return describe(token, found, rules)
  })
}

function verifyAgain(token: string, rules: TokenRules, kept: KeptFindings): Eventual<VerifiedToken | undefined> {
  const { issuer, key, authority } = kept
  const findings: Findings = {
    decoded: kept,
    issuer,
    algorithm: key.algorithm,
    key,
    authority,
    validatedClaims: undefined,
  }
  return whenSettled(runChecks(repeatedChecks, { token, rules, findings }), (failure) => {
    const asBefore = failure === undefined && findings.issuer === issuer && findings.key === key
    return asBefore ? describe(token, findings, rules) : undefined
  })
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

function describe(token: string, findings: Findings, { schema }: TokenRules): VerifiedToken {
  const { decoded, issuer, authority, validatedClaims } = findings
  const { claims, header } = decoded
  const sub = ownMember(claims, 'sub')
  // Member by member: spreading the authority costs several times as much, on every request.
  const auth = {
    scheme: 'Bearer',
    issuer: issuer.settings.issuer,
    subject: typeof sub === 'string' ? sub : undefined,
    clientId: authority.clientId,
    audience: authority.audience,
    scopes: authority.scopes,
    roles: authority.roles,
    permissions: authority.permissions,
    expiresAt: readNumericDate(claims, 'exp'),
    issuedAt: readNumericDate(claims, 'iat'),
    claims: schema === undefined ? claims : validatedClaims,
    header,
  }
  Object.defineProperty(auth, 'token', { value: token, enumerable: false })
  // `token` was just defined, `expiresAt` is a number since the expiry check, and the arrays are frozen at run time only.
  return { auth: Object.freeze(auth) as unknown as Auth, tokenClaims: claims, profile: issuer.settings.profile }
}

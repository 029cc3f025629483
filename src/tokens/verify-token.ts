import type { Failure } from '../errors.js'
import { isWithin } from '../lib/clock.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { isPending, whenSettled, type Eventual } from '../lib/eventual.js'
import { weighTree } from '../lib/weigh-tree.js'
import type { Auth } from './auth.js'
import type { TokenFacts } from './token-facts.js'
import type { AuthorityPaths } from './authority-paths.js'
import type { Check } from './check.js'
import { checks } from './checks/index.js'
import { MAX_TOKEN_LENGTH, rememberHeader } from './decode-token.js'
import type { Examination, Findings, TokenRules } from './examination.js'
import { isStillTrusted } from './is-still-trusted.js'
import { readLifetime } from './lifetime.js'
import { readNumericDate } from './numeric-date.js'
import type { Profile } from './profiles/profile.js'
import type { KeptToken, VerifiedTokenCache } from './verified-token-cache.js'

/** A token that passed every check. */
export interface VerifiedToken {
  readonly auth: Auth
  /** The claims as the token holds them; those of `auth` may be what a schema made of them. */
  readonly tokenClaims: JsonObject
  /** How the tokens of its issuer look. */
  readonly profile: Profile
  readonly authorityPaths: AuthorityPaths
}

/**
 * Runs the checks to the first failure. With a cache, a token that passed before skips those that cannot come out otherwise;
 * whenever anything else is not as it was, all of them run again, so that the verdict is the one without a cache.
 */
export class TokenVerifier {
  readonly #rules: TokenRules
  readonly #cache: VerifiedTokenCache | undefined
  readonly #checks: readonly Check[]
  readonly #checksEachTime: readonly Check[]
  readonly #checksOfTime: readonly Check[]
  readonly #now: () => number

  /** @param now - Reads the time, in seconds since the epoch. */
  constructor(rules: TokenRules, cache: VerifiedTokenCache | undefined, now: () => number) {
    this.#rules = rules
    this.#cache = cache
    this.#checks = checks.filter(({ isWanted }) => isWanted(rules))
    this.#checksEachTime = this.#checks.filter(({ stands }) => stands === 'once')
    this.#checksOfTime = this.#checks.filter(({ stands }) => stands === 'in time')
    this.#now = now
  }

  /**
   * Judges a token. It answers at once, without a promise, when nothing had to be waited for: a remembered token whose key
   * is at hand. When something had to be, the verdict goes by the time after it.
   *
   * @param findings - Filled with what was found out on the way, whatever comes of it.
   * @throws {UnavailableError} Now or later, when it cannot be decided.
   */
  verify(token: string, findings: Partial<Findings> = {}): Eventual<VerifiedToken | Failure> {
    const now = this.#now()
    if (this.#cache === undefined || token.length > MAX_TOKEN_LENGTH) return this.#verifyAfresh(token, now, findings)
    const digest = this.#cache.digestOf(token)
    const kept = this.#cache.find(digest, now)
    if (kept === undefined) return this.#verifyAfresh(token, now, findings, digest)
    const isTrusted = isStillTrusted(kept, this.#rules)
    // At once, without what waiting takes: most of all requests come by here.
    if (isTrusted === true) return this.#verifyAgain(token, now, findings, kept)
    return whenSettled(isTrusted, (isTrustedThen) => {
      const then = this.#now()
      if (isTrustedThen && isWithin(then, kept.from, kept.until)) return this.#verifyAgain(token, then, findings, kept)
      this.#cache?.drop(digest)
      return this.#verifyAfresh(token, then, findings, digest)
    })
  }

  /** @param digest - Under which the token may be kept. */
  #verifyAfresh(
    token: string,
    now: number,
    findings: Partial<Findings>,
    digest?: string,
  ): Eventual<VerifiedToken | Failure> {
    const rules = this.#rules
    return whenSettled(this.#run(this.#checks, { token, now, rules, findings }), (failure) => {
      if (failure !== undefined) return failure
      // Every check has passed, so everything has been found.
      const found = findings as Findings
      const { issuer, wanted, key } = found
      const facts = readFacts(found)
      rememberHeader(token, facts.header)
      if (digest !== undefined && this.#cache?.isSecondSight(digest) === true) {
        const lifetime = readLifetime(facts.claims, rules)
        this.#cache.keep(
          digest,
          Math.max(token.length, weighTree(facts.claims)),
          { ...lifetime, issuer, wanted, key, facts },
          now,
        )
      }
      return describe(token, issuer, facts, this.#claimsFor(found))
    })
  }

  /** Judges a token that passed before, whose time has not come to its end, and whose issuer and key are the same. */
  #verifyAgain(
    token: string,
    now: number,
    given: Partial<Findings>,
    kept: KeptToken,
  ): Eventual<VerifiedToken | Failure> {
    const { issuer, wanted, key, facts } = kept
    if (this.#checksEachTime.length === 0) return describe(token, issuer, facts, facts.claims)
    const { audience, expiresAt } = facts
    const { algorithm } = key
    const found = { decoded: facts, audience, authority: facts, issuer, algorithm, expiresAt, wanted, key }
    const findings: Findings = Object.assign(given, found, { isSigned: true, validatedClaims: undefined } as const)
    return whenSettled(
      this.#run(this.#checksEachTime, { token, now, rules: this.#rules, findings }),
      (failure) => failure ?? describe(token, issuer, facts, this.#claimsFor(findings)),
    )
  }

  /** Judges the times of a token that passed before, by the time that it is now. */
  checkTimes({ auth: { token, header }, tokenClaims: claims }: VerifiedToken): Eventual<Failure | undefined> {
    const findings: Partial<Findings> = { decoded: { header, claims } }
    return runChecks(this.#checksOfTime, { token, now: this.#now(), rules: this.#rules, findings })
  }

  /** Runs checks, and those of time once more after a wait: the token may have expired meanwhile. */
  #run(list: readonly Check[], examination: Examination): Eventual<Failure | undefined> {
    const outcome = runChecks(list, examination)
    if (!isPending(outcome)) return outcome
    return outcome.then((failure) => failure ?? runChecks(this.#checksOfTime, { ...examination, now: this.#now() }))
  }

  /** The claims that handlers see. */
  #claimsFor({ decoded, validatedClaims }: Findings): unknown {
    return this.#rules.schema === undefined ? decoded.claims : validatedClaims
  }
}

function runChecks(list: readonly Check[], examination: Examination, from = 0): Eventual<Failure | undefined> {
  for (let i = from; i < list.length; i++) {
    const outcome = list[i]?.run(examination)
    if (isPending(outcome)) {
      return outcome.then((failure) => failure ?? runChecks(list, examination, i + 1))
    }
    if (outcome !== undefined) return outcome
  }
  return undefined
}

function readFacts({ decoded: { header, claims }, issuer, expiresAt, authority }: Findings): TokenFacts {
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
    expiresAt,
    issuedAt: readNumericDate(claims, 'iat'),
    claims,
    header,
  }
}

/** @param claims - Those of the token, or what a schema made of them. */
function describe(token: string, issuer: Findings['issuer'], facts: TokenFacts, claims: unknown): VerifiedToken {
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
    claims,
    header: facts.header,
  }
  Object.defineProperty(auth, 'token', { value: token, enumerable: false })
  // `token` was just defined, and the arrays are frozen at run time only.
  const { profile, authorityPaths } = issuer.settings
  return { auth: Object.freeze(auth) as unknown as Auth, tokenClaims: facts.claims, profile, authorityPaths }
}

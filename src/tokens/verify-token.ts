import type { Failure } from '../errors.js'
import { isPending, whenSettled, type Eventual } from '../lib/eventual.js'
import { weighTree } from '../lib/weigh-tree.js'
import type { Auth } from './auth.js'
import type { Binding } from './key-binding.js'
import type { Check } from './check.js'
import { checks } from './checks/index.js'
import { accessTokenHeaders, MAX_TOKEN_LENGTH } from './decode-token.js'
import { createFindings, type Examination, type Findings, type FindingsSoFar, type TokenRules } from './examination.js'
import { findingsOf, readFacts } from './findings.js'
import { holdsAt, isAmong, MAX_CHECKS, NotedLifetime } from './lifetime.js'
import { createOpaqueCaches } from './opaque-caches.js'
import { checkOpaqueForm, formOf, type Form } from './token-form.js'
import { isStillTrusted } from './trust.js'
import type { KnownToken, VerifiedTokenCache } from './verified-token-cache.js'

/** A token that passed every check. One that is bound to a key, see `boundTo`, proves nothing by itself: its request must. */
export interface VerifiedToken {
  readonly auth: Auth
  /** What the token itself says: the claims of `auth` may be what a schema made of them. */
  readonly known: KnownToken
  /** What the answer has to carry as `DPoP-Nonce`, so that the client has the next one in time. */
  readonly nonce?: string | undefined
}

/** What came of a proof. */
interface ProvenBinding extends Binding {
  readonly nonce?: string | undefined
}

/** What is found out about a token on the way, for those who listen, whatever comes of it. */
export interface Inquiry {
  findings: FindingsSoFar | undefined
  /** What the checks had said of it before, where that was used again. */
  remembered: KnownToken | undefined
}

/** One run of the checks. */
interface Run extends Examination {
  readonly lifetime: NotedLifetime
}

const atFirst = { start: 0, hasWaited: false }

/** A token of which nothing is remembered. */
interface Fresh {
  readonly form: Form
  readonly token: string
  readonly inquiry: Inquiry
  /** Where it may be kept, and under which name. */
  readonly cache: VerifiedTokenCache | undefined
  readonly digest: string
}

/**
 * Runs the checks to the first failure. With a cache, what the checks said of a token is used again for as long as they said
 * that it holds; whenever anything is not as it was, all of them run again, so that the verdict is the one without a cache.
 */
export class TokenVerifier {
  readonly #rules: TokenRules
  readonly #cache: VerifiedTokenCache | undefined
  readonly #opaqueCaches = createOpaqueCaches()
  readonly #checks: readonly Check[]
  /** Which of them judge a token of a form. */
  readonly #places: Readonly<Record<Form, number>>
  readonly #now: () => number

  /**
   * @param now - Reads the time, in seconds since the epoch.
   * @param list - The checks, in their order.
   */
  constructor(
    rules: TokenRules,
    cache: VerifiedTokenCache | undefined,
    now: () => number,
    list: readonly Check[] = checks,
  ) {
    if (list.length > MAX_CHECKS) throw new RangeError(`There is room for ${String(MAX_CHECKS)} checks.`)
    this.#rules = rules
    this.#cache = cache
    this.#checks = list.filter(({ isWanted }) => isWanted(rules))
    this.#places = { signed: placesOf('signed', this.#checks), opaque: placesOf('opaque', this.#checks) }
    this.#now = now
  }

  /**
   * Judges a token. It answers at once, without a promise, when nothing had to be waited for: a remembered token whose key
   * is at hand. When something had to be, the verdict goes by the time after it.
   *
   * @param inquiry - Filled with what was found out on the way, whatever comes of it.
   * @throws {UnavailableError} Now or later, when it cannot be decided.
   */
  verify(
    token: string,
    inquiry: Inquiry = { findings: undefined, remembered: undefined },
  ): Eventual<VerifiedToken | Failure> {
    const { issuerOfOpaque } = this.#rules
    if (issuerOfOpaque === undefined || formOf(token) === 'signed') {
      return this.#verifyOf('signed', this.#cache, token, inquiry)
    }
    if (checkOpaqueForm(token) !== undefined) return this.#verifyOf('opaque', undefined, token, inquiry)
    return whenSettled(issuerOfOpaque(token), (name) => {
      inquiry.findings = createFindings()
      inquiry.findings.routedTo = name ?? null
      const issuer = name === undefined ? undefined : this.#rules.issuers.find(name)
      return whenSettled(issuer, (found) =>
        this.#verifyOf('opaque', this.#opaqueCaches(found?.introspector), token, inquiry),
      )
    })
  }

  #verifyOf(
    form: Form,
    cache: VerifiedTokenCache | undefined,
    token: string,
    inquiry: Inquiry,
  ): Eventual<VerifiedToken | Failure> {
    const now = this.#now()
    if (cache === undefined || token.length > MAX_TOKEN_LENGTH)
      return this.#verifyAfresh({ form, token, inquiry, cache: undefined, digest: '' }, now)
    const digest = cache.digestOf(token)
    const known = cache.find(digest, now)
    if (known === undefined) return this.#verifyAfresh({ form, token, inquiry, cache, digest }, now)
    const isTrusted = isStillTrusted(known.trust, this.#rules.issuers)
    // At once, without what waiting takes: most of all requests come by here.
    if (isTrusted === true) return this.#verifyAgain(token, now, inquiry, known)
    return whenSettled(isTrusted, (isTrustedThen) => {
      const then = this.#now()
      if (isTrustedThen && holdsAt(known, then)) return this.#verifyAgain(token, then, inquiry, known)
      cache.drop(digest)
      return this.#verifyAfresh({ form, token, inquiry, cache, digest }, then)
    })
  }

  #verifyAfresh(fresh: Fresh, now: number): Eventual<VerifiedToken | Failure> {
    const { form, token, inquiry } = fresh
    const findings = (inquiry.findings ??= createFindings())
    const run = { token, rules: this.#rules, findings, lifetime: new NotedLifetime(now, this.#rules.issuers) }
    return this.#run(this.#places[form], run, () => this.#accept(fresh, run, now))
  }

  /** Every check has passed, so everything has been found. */
  #accept({ form, token, cache, digest }: Fresh, { findings, lifetime }: Run, now: number): VerifiedToken {
    const found = findings as Findings
    const facts = readFacts(found)
    const { from, until, trust, timed, eachTime } = lifetime
    const known: KnownToken = { from, until, trust, timed, eachTime, facts }
    if (form === 'signed') accessTokenHeaders.remember(found.decoded)
    if (cache?.isSecondSight(digest) === true) {
      cache.keep(digest, Math.max(token.length, weighTree(facts.claims)), known, now)
    }
    return describe(token, known, this.#claimsFor(found))
  }

  /** Judges a token of which all that was found out still holds, but for what was said for one request only. */
  #verifyAgain(token: string, now: number, inquiry: Inquiry, known: KnownToken): Eventual<VerifiedToken | Failure> {
    inquiry.remembered = known
    if (known.eachTime === 0) return describe(token, known, known.facts.claims)
    const findings = findingsOf(known)
    inquiry.findings = findings
    const lifetime = new NotedLifetime(now, this.#rules.issuers, known)
    const run = { token, rules: this.#rules, findings, lifetime }
    return this.#run(known.eachTime, run, () => describe(token, known, this.#claimsFor(findings)))
  }

  /** Judges a token that passed before by the time that it is now. */
  checkTimes({ auth: { token }, known }: VerifiedToken): Eventual<Failure | undefined> {
    const now = this.#now()
    if (holdsAt(known, now)) return undefined
    const lifetime = new NotedLifetime(now, this.#rules.issuers, known)
    lifetime.forgetTimes()
    const run = { token, rules: this.#rules, findings: findingsOf(known), lifetime }
    return this.#run(known.timed, run, () => undefined)
  }

  /**
   * Runs the checks of some places, from one on, and makes of a token that passes them what there is to make. Nothing is made for
   * a check that passes at once, and one promise for each that has to wait.
   */
  #run<Result>(
    places: number,
    run: Run,
    pass: (run: Run) => Result,
    { start, hasWaited } = atFirst,
  ): Eventual<Failure | Result> {
    for (let place = start; place < this.#checks.length; place++) {
      if (!isAmong(places, place)) continue
      run.lifetime.askedBy(place)
      const outcome = this.#checks[place]?.run(run)
      if (isPending(outcome)) {
        const next = { start: place + 1, hasWaited: true }
        return outcome.then((failure) => failure ?? this.#run(places, run, pass, next))
      }
      if (outcome !== undefined) return outcome
    }
    return hasWaited ? this.#judgeTimes(run, pass) : pass(run)
  }

  /** After a wait, judges again what went by the time: it may be otherwise now. */
  #judgeTimes<Result>(run: Run, pass: (run: Run) => Result): Eventual<Failure | Result> {
    const now = this.#now()
    if (holdsAt(run.lifetime, now)) return pass(run)
    run.lifetime.moveTo(now)
    run.lifetime.forgetTimes()
    return this.#run(run.lifetime.timed, run, pass)
  }

  /** The claims that handlers see. */
  #claimsFor({ decoded, validatedClaims }: Findings): unknown {
    return this.#rules.schema === undefined ? decoded.claims : validatedClaims
  }
}

/** A bit for each check that judges tokens of a form, by its place. */
function placesOf(form: Form, list: readonly Check[]): number {
  return list.reduce((places, { of }, place) => (of === undefined || of === form ? places | (1 << place) : places), 0)
}

/** @param claims - Those of the token, or what a schema made of them. */
function describe(token: string, known: KnownToken, claims: unknown): VerifiedToken {
  const { facts } = known
  // Member by member: spreading costs several times as much, on every request.
  const auth = {
    scheme: 'Bearer',
    binding: undefined,
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
  return { auth: hideToken(auth, token), known }
}

/** Says of a verified token that who presented it has proved what it is bound to. Of one request: nothing of it may be kept for another. */
export function withBinding({ auth, known }: VerifiedToken, proven: ProvenBinding): VerifiedToken {
  const { nonce, ...binding } = proven
  const scheme = binding.method === 'dpop' ? 'DPoP' : auth.scheme
  return { auth: hideToken({ ...auth, scheme, binding: Object.freeze(binding) }, auth.token), known, nonce }
}

/** The token itself is in there, and shows nowhere. */
function hideToken(auth: object, token: string): Auth {
  Object.defineProperty(auth, 'token', { value: token, enumerable: false })
  // `token` was just defined, and the arrays are frozen at run time only.
  return Object.freeze(auth) as unknown as Auth
}

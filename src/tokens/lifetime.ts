import type { IntrospectionAnswer } from '../issuers/introspector.js'
import type { WantedKey } from '../issuers/key-index.js'
import type { TrustedIssuer, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import { isWithin } from '../lib/clock.js'
import { isPending, type Eventual } from '../lib/eventual.js'
import type { FoundIssuer, Lifetime, TokenIssuer } from './examination.js'
import { findTrust, withIssuer, withKey, type Trust } from './trust.js'

/** For how long what the checks said of a token holds: all bounds together. */
export interface KnownLifetime {
  /** From when, and until before when, in seconds since the epoch. */
  readonly from: number
  readonly until: number
  /** Whom and what it rests on being found. */
  readonly trust: Trust | undefined
  /** The checks that went by the time: a bit for each, by its place in the list. */
  readonly timed: number
  /** The checks that spoke for that request only, likewise. */
  readonly eachTime: number
}

const unbounded: KnownLifetime = {
  from: Number.NEGATIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
  trust: undefined,
  timed: 0,
  eachTime: 0,
}

/** As many bits as a whole number holds that takes no room of its own. */
export const MAX_CHECKS = 31

/** Answers the questions of the checks of one token, and notes for how long the answers hold. */
export class NotedLifetime implements Lifetime, KnownLifetime {
  from: number
  until: number
  trust: Trust | undefined
  timed: number
  eachTime: number
  /** Until when the answers of issuers hold, whatever the time says of the rest. */
  #answersUntil = Number.POSITIVE_INFINITY
  #now: number
  readonly #issuers: TrustedIssuers<TokenIssuer>
  /** That of the check that asks. */
  #bit = 0

  /** @param known - What was noted before, of a token that comes again. */
  constructor(now: number, issuers: TrustedIssuers<TokenIssuer>, known: KnownLifetime = unbounded) {
    this.#now = now
    this.#issuers = issuers
    this.from = known.from
    this.until = known.until
    this.trust = known.trust
    this.timed = known.timed
    this.eachTime = known.eachTime
  }

  /** Says that from now on the check at that place asks. */
  askedBy(place: number): void {
    this.#bit = 1 << place
  }

  /** Says what time it is. What was noted of other times stands. */
  moveTo(now: number): void {
    this.#now = now
  }

  /** Takes back what was noted of times: the checks that went by them are to ask again. */
  forgetTimes(): void {
    this.from = unbounded.from
    this.until = this.#answersUntil
  }

  isBefore(instant: number): boolean {
    this.timed |= this.#bit
    const isBefore = this.#now < instant
    if (isBefore) this.until = Math.min(this.until, instant)
    else this.from = Math.max(this.from, instant)
    return isBefore
  }

  isAfter(instant: number): boolean {
    this.timed |= this.#bit
    const isAfter = this.#now > instant
    // The instant itself belongs to what is not after it: neither bound says more than is known.
    if (isAfter) this.from = Math.max(this.from, this.#now)
    else this.until = Math.min(this.until, instant)
    return isAfter
  }

  describeSince(instant: number): string {
    return String(Math.round(this.#now - instant))
  }

  describeUntil(instant: number): string {
    return String(Math.round(instant - this.#now))
  }

  findIssuer(name: string): Eventual<FoundIssuer | undefined> {
    const found = this.#issuers.find(name)
    return isPending(found) ? found.then((issuer) => this.#noteIssuer(issuer)) : this.#noteIssuer(found)
  }

  findKey(issuer: FoundIssuer, wanted: WantedKey): Eventual<VerificationKey | undefined> {
    const own = this.#foundHere(issuer)
    return this.#noteKey(own, wanted, own.keys.find(wanted))
  }

  peekKey(issuer: FoundIssuer, wanted: WantedKey): Eventual<VerificationKey | undefined> {
    const own = this.#foundHere(issuer)
    return this.#noteKey(own, wanted, own.keys.peek(wanted))
  }

  findOtherKey(issuer: FoundIssuer, wanted: WantedKey, than: VerificationKey): Eventual<VerificationKey | undefined> {
    const own = this.#foundHere(issuer)
    return this.#noteKey(own, wanted, own.keys.findOther(wanted, than))
  }

  async introspect(found: FoundIssuer, token: string): Promise<IntrospectionAnswer> {
    const { introspector } = this.#foundHere(found)
    if (introspector === undefined) throw new TypeError('An issuer that is not asked about tokens cannot be asked.')
    const answer = await introspector.ask(token)
    if (answer.holdsUntil === undefined) this.thisRequestOnly()
    else {
      this.#answersUntil = Math.min(this.#answersUntil, answer.holdsUntil)
      this.until = Math.min(this.until, answer.holdsUntil)
    }
    return answer
  }

  thisRequestOnly(): void {
    this.eachTime |= this.#bit
  }

  #noteIssuer(issuer: TrustedIssuer<TokenIssuer> | undefined): TrustedIssuer<TokenIssuer> | undefined {
    if (issuer === undefined) this.thisRequestOnly()
    else this.trust = withIssuer(this.trust, issuer)
    return issuer
  }

  #foundHere(found: FoundIssuer): TrustedIssuer<TokenIssuer> {
    const issuer = findTrust(this.trust, (one) => one === found)?.issuer
    if (issuer === undefined) throw new TypeError('An issuer that was not found here cannot be asked for anything.')
    return issuer
  }

  #noteKey(
    issuer: TrustedIssuer<TokenIssuer>,
    wanted: WantedKey,
    found: Eventual<VerificationKey | undefined>,
  ): Eventual<VerificationKey | undefined> {
    if (isPending(found)) return found.then((key) => this.#noteKey(issuer, wanted, key))
    if (found === undefined) this.thisRequestOnly()
    else this.trust = withKey(this.trust, { issuer, wanted, key: found })
    return found
  }
}

/** Tells whether the check at a place is among those of which there is a bit. */
export function isAmong(places: number, place: number): boolean {
  return (places & (1 << place)) !== 0
}

/** Tells whether a time is one at which what was said holds. */
export function holdsAt({ from, until }: KnownLifetime, now: number): boolean {
  return isWithin(now, from, until)
}

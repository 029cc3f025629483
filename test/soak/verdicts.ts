// The oracle: which verdicts are right for a request, told from what happened to the issuer's keys and from the documented
// bounds alone. It knows nothing of how the library works.
import type { ReasonCode } from 'express-resource-server'
import type { KeyBook, Outage, ServedSet } from './issuer.js'
import { limits } from './settings.js'

export type Verdict = 'accepted' | ReasonCode

/** What is known of a request before it is sent. */
export type Expectation =
  | { readonly type: 'constant'; readonly verdict: Verdict }
  | {
      readonly type: 'keyed'
      readonly book: KeyBook
      /** Requests that asked this issuer's key set for a key which it may not have had. */
      readonly asked: Asked
      readonly kid: string
      /** The verdict where the key is known and the token has not expired. */
      readonly verdict: Verdict
      /** In milliseconds. */
      readonly expiresAt: number
    }

/** From just before a request was sent to just after its answer came. */
export interface Window {
  readonly from: number
  readonly to: number
}

type KeyedExpectation = Expectation & { readonly type: 'keyed' }
type KeyOutcome = 'known' | 'unknown_key' | 'issuer_unavailable'

/** What may have taken the one fetch of a cooldown: questions for keys that may be unknown, and forged signatures. */
export interface Asked {
  add(kid: string, at: number): void
  /** Notes a forged signature under the name of a key that is known. */
  addForged(at: number): void
  /** Whether another key than this one was asked for, or a signature was forged. */
  other(kid: string, window: Window): boolean
  /** Whether this key was asked for. */
  same(kid: string, window: Window): boolean
  /** How many other keys were asked for since this one first was. */
  countOthersSince(kid: string): number
}

export function createAsked(): Asked {
  let list: { kid: string | undefined; at: number }[] = []
  const add = (kid: string | undefined, at: number): void => {
    if (list.length > 4000) list = list.slice(-2000)
    list.push({ kid, at })
  }
  const within = ({ from, to }: Window): typeof list => list.filter(({ at }) => at >= from && at <= to)
  return {
    add,
    addForged: (at) => {
      add(undefined, at)
    },
    other: (kid, window) => within(window).some((one) => one.kid !== kid),
    same: (kid, window) => within(window).some((one) => one.kid === kid),
    countOthersSince(kid) {
      const since = list.slice(list.findIndex((one) => one.kid === kid) + 1)
      return new Set(since.flatMap((one) => (one.kid === undefined || one.kid === kid ? [] : [one.kid]))).size
    },
  }
}

/** Every verdict that is right. More than one only where the moment of judgement within the window decides. */
export function rightVerdicts(expectation: Expectation, window: Window): ReadonlySet<Verdict> {
  if (expectation.type === 'constant') return new Set([expectation.verdict])
  const { verdict, expiresAt } = expectation
  const right = new Set<Verdict>()
  const deadAt = expiresAt + limits.toleranceMs
  if (window.from < deadAt) {
    for (const outcome of keyOutcomes(expectation, window)) right.add(outcome === 'known' ? verdict : outcome)
  }
  // What has expired is told so before any key is looked for, and never causes a fetch.
  if (window.to >= deadAt) right.add('token_expired')
  return right
}

/** Whether a question for this key, asked now, might start a cooldown. */
export function mayBeUnknown({ keys, served }: KeyBook, kid: string): boolean {
  return served.at(-1)?.kids.has(kid) !== true || keys.get(kid)?.withdrawnAt !== Infinity
}

/** The latest moment by which a change at the issuer must have arrived. */
function settledBy({ outages }: KeyBook, change: number): number {
  const { freshMs, timeoutMs, slackMs } = limits
  return outages.reduce(
    (latest, outage) => (outage.from < latest && outage.to > change ? Math.max(latest, recoveredBy(outage)) : latest),
    change + freshMs + timeoutMs + slackMs,
  )
}

/**
 * The latest moment by which an API must have noticed that its issuer is back. Back-off steps are 1, 2, 4 ... 60 seconds, each
 * shortened by up to a half: a step of 2^n seconds begins when at least (2^n - 1) / 2 have passed.
 */
function recoveredBy({ from, to }: Outage): number {
  const { freshMs, timeoutMs, slackMs } = limits
  const longest = 2 ** Math.floor(Math.log2((2 * (to - from)) / 1000 + 1))
  return to + Math.max(freshMs, Math.min(longest, 60) * 1000) + timeoutMs + slackMs
}

function keyOutcomes(token: KeyedExpectation, window: Window): ReadonlySet<KeyOutcome> {
  const impossible = impossibleOutcomes(token, window)
  return new Set([...possibleOutcomes(token, window)].filter((outcome) => !impossible.has(outcome)))
}

/** What may come of each key set that the API may have had. */
function possibleOutcomes(token: KeyedExpectation, window: Window): ReadonlySet<KeyOutcome> {
  const { book, kid } = token
  const { publishedAt, withdrawnAt } = book.keys.get(kid) ?? never
  const troubled = book.outages.some((outage) => isFelt(outage, book, window))
  const published = publishedAt <= window.from && window.to < withdrawnAt
  // What the latest set was looked through for is unknown. What was not, while the one fetch is spent, may be a new key.
  const undecided = isCoolingDown(token, window) && !wasLookedFor(token, window) && !mustBeAtHand(book, kid, window)
  const whenMissing: readonly KeyOutcome[] = [
    ...(troubled || undecided ? (['issuer_unavailable'] as const) : []),
    ...(published ? [] : (['unknown_key'] as const)),
  ]
  const { sets, maybeNone } = possibleSets(book, window)
  const outcomes = sets.flatMap(({ kids }): readonly KeyOutcome[] => (kids.has(kid) ? ['known'] : whenMissing))
  // Nothing else than an outage may keep an API from all keys.
  return new Set(maybeNone && troubled ? [...outcomes, 'issuer_unavailable'] : outcomes)
}

/** The key sets that the API may have had in this window: the last one that came before it, and those that came within it. */
function possibleSets({ served }: KeyBook, { from, to }: Window): { sets: readonly ServedSet[]; maybeNone: boolean } {
  const { maxStaleMs, slackMs } = limits
  const base = served.findLast(({ at }) => at <= from - slackMs)
  const recent = served.filter(({ at }) => at > from - slackMs && at <= to)
  return {
    sets: [...(base === undefined ? [] : [base]), ...recent].filter(({ at }) => from <= at + maxStaleMs + slackMs),
    maybeNone: to >= (base?.at ?? Number.NEGATIVE_INFINITY) + maxStaleMs,
  }
}

/** What the documented bounds rule out, whatever the API was served. */
function impossibleOutcomes({ book, kid }: KeyedExpectation, { from, to }: Window): ReadonlySet<KeyOutcome> {
  const { freshMs, maxStaleMs, timeoutMs, slackMs } = limits
  const { withdrawnAt } = book.keys.get(kid) ?? never
  const impossible = new Set<KeyOutcome>()
  // While the issuer is known to be down, nobody can tell that a key is not its own.
  const downSince = from - freshMs - timeoutMs - slackMs
  if (book.outages.some((outage) => outage.from < downSince && to < outage.to)) impossible.add('unknown_key')
  if (mustBeAtHand(book, kid, { from, to })) impossible.add('unknown_key')
  const gone = Math.min(settledBy(book, withdrawnAt), withdrawnAt + maxStaleMs + timeoutMs + slackMs)
  if (from > gone) impossible.add('known')
  return impossible
}

/** Whether routine refreshes alone must have brought this key, whoever spent what. */
function mustBeAtHand(book: KeyBook, kid: string, { from }: Window): boolean {
  const { publishedAt, withdrawnAt } = book.keys.get(kid) ?? never
  return publishedAt !== Infinity && withdrawnAt === Infinity && from > settledBy(book, publishedAt)
}

const never = { publishedAt: Infinity, withdrawnAt: Infinity }

/** Whether an outage may still show: until a key set that left after it has arrived, or must have. */
function isFelt(outage: Outage, { served }: KeyBook, window: Window): boolean {
  const { slackMs } = limits
  if (outage.from > window.to || window.from > recoveredBy(outage)) return false
  return !served.some(({ at }) => at >= outage.to && at <= window.from - slackMs)
}

/** Whether another unknown key, or a forged signature, may have used up the one fetch of this cooldown. */
function isCoolingDown({ asked, kid }: KeyedExpectation, { from, to }: Window): boolean {
  const { cooldownMs, timeoutMs, slackMs } = limits
  return asked.other(kid, { from: from - cooldownMs - timeoutMs - slackMs, to })
}

/**
 * Whether a set came after this key had been asked for, not been there, and been remembered: then it must be known that the
 * issuer does not have it.
 */
function wasLookedFor({ book, asked, kid }: KeyedExpectation, { from }: Window): boolean {
  const { rememberedNames, slackMs } = limits
  const latest = book.served.findLast(({ at }) => at <= from - slackMs)
  const first = book.served.find(({ at, kids }) => at >= (book.keys.get(kid)?.withdrawnAt ?? 0) && !kids.has(kid))
  if (latest === undefined || first === undefined) return false
  const between = { from: first.at + slackMs, to: latest.at - slackMs }
  return asked.same(kid, between) && asked.countOthersSince(kid) < rememberedNames
}

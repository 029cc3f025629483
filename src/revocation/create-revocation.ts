import { publish, type EventMessages } from '../events.js'
import { secondsOf } from '../lib/clock.js'
import { withinDeadline } from '../lib/deadline.js'
import { createSingleFlight } from '../lib/single-flight.js'
import { cannotTell } from '../stores/cannot-tell.js'
import { shareStore } from '../stores/share-store.js'
import type { KeepingStore } from '../stores/store.js'
import { createBackchannelLogout } from './backchannel-logout.js'
import { followStore, type CurrentState } from './current-state.js'
import { readEntry, writeEntry, type Entry } from './entry.js'
import { createJudge, undecided } from './judge.js'
import { markClaim, markToken } from './marks.js'
import { readText, readTime, resolveOptions, type RevocationOptions, type RevocationSettings } from './options.js'
import { JUDGE, type Revocation } from './revocation.js'
import { createTakenBack, type TakenBack } from './taken-back.js'
import { createWatchers, type Watchers } from './watchers.js'

const CHANNEL = 'taken-back'
/** For clocks that differ, and what an expired token is forgiven. */
const MARGIN_SECONDS = 300
const STORE_SECONDS = 5
const READY_SECONDS = 5
/** Sent at once, of what a store has lost. */
const LOT = 100

/**
 * Creates what remembers which tokens were taken back. Hand it to resource servers as the option `revocation`.
 *
 * This does NOT ask an issuer: it knows what it is told here, by `revoke`, by `revokeSession`, by `revokeSubject` and by
 * back-channel logout, in whichever process.
 *
 * @example
 *   const revocation = createRevocation({ store: createRedisStore({ client }) })
 *   app.use(requireAuth({ issuer, audience, revocation }))
 *   app.post('/sign-out', async (req, res) => {
 *     await revocation.revoke(getAuth(req))
 *     res.sendStatus(204)
 *   })
 *
 * @throws {ConfigurationError} At start-up, on options that make no sense.
 */
export function createRevocation(options: RevocationOptions = {}): Revocation {
  const settings = resolveOptions(options)
  const { maxTokenLifetimeSeconds, clock } = settings
  const now = (): number => secondsOf(clock)
  const { store, taken, watchers, state, share } = createShared(settings, now)
  const untilOf = (expiresAt: number | undefined): number =>
    Math.ceil((expiresAt ?? now() + maxTokenLifetimeSeconds) + MARGIN_SECONDS)

  // One wait for all: a probe may ask for as long as a store is down.
  const ready = createSingleFlight(async () => {
    if (!(await withinDeadline(state.whenCurrent(), { seconds: READY_SECONDS, late: undecided }))) throw undecided()
  })
  const logouts: (() => void)[] = []
  const revocation: Revocation = {
    async revoke(given) {
      const expiresAt = readTime('expiresAt', given.expiresAt)
      const isItself = 'token' in given
      const mark = isItself
        ? markToken(readText('token', given.token))
        : markClaim('jti', readText('issuer', given.issuer), readText('jti', given.jti))
      await share({ mark, until: untilOf(expiresAt), before: undefined })
      tell(isItself ? undefined : given.issuer, 'token')
    },
    async revokeSession({ issuer, sid }) {
      const mark = markClaim('sid', readText('issuer', issuer), readText('sid', sid))
      await share({ mark, until: untilOf(undefined), before: undefined })
      tell(issuer, 'session')
    },
    async revokeSubject({ issuer, subject, before }) {
      const mark = markClaim('sub', readText('issuer', issuer), readText('subject', subject))
      const time = readTime('before', before) ?? now()
      // Tokens that were issued until then live no longer than that.
      const until = untilOf(Math.max(time, now()) + maxTokenLifetimeSeconds)
      await share({ mark, until, before: Math.ceil(time) })
      tell(issuer, 'subject')
    },
    backchannelLogout(of) {
      const { receive, close } = createBackchannelLogout(of, { revocation, store, clock })
      logouts.push(close)
      return receive
    },
    ready: ready.run,
    close() {
      state.close()
      for (const close of logouts) close()
    },
    [JUDGE]: createJudge({ ...settings, taken, isCurrent: state.isCurrent, watch: watchers.add }),
  }
  return revocation
}

interface Shared {
  readonly store: KeepingStore
  readonly taken: TakenBack
  readonly watchers: Watchers
  readonly state: CurrentState
  /** Takes an entry back, here and then in the store. */
  readonly share: (entry: Entry) => Promise<void>
}

/** Puts together what this process knows and what the others tell. */
function createShared(settings: RevocationSettings, now: () => number): Shared {
  const { staleSeconds, rereadSeconds, maxEntries } = settings
  const store = shareStore(settings.store, 'revocation', STORE_SECONDS)
  const taken = createTakenBack(maxEntries)
  const watchers = createWatchers((marks) => taken.has(marks))
  const take = (entry: Entry): boolean => {
    const outcome = taken.add(entry, now())
    if (outcome === true) watchers.notice(entry.mark)
    return outcome !== 'full'
  }
  const state = followStore({
    store,
    channel: CHANNEL,
    staleSeconds,
    rereadSeconds,
    now,
    take(message) {
      const entry = readEntry(message)
      return entry !== undefined && take(entry)
    },
    afterRead: (kept) => writeBack(taken, new Set(kept), { store, now: now() }),
    changed(isCurrent) {
      publish('revocation.changed', () => ({ isCurrent }))
    },
  })
  const share = async (entry: Entry): Promise<void> => {
    const time = now()
    if (time >= entry.until) return
    // Here first: whatever the store says, this process knows.
    if (!take(entry)) throw cannotTell(`there is no room for one more: ${String(maxEntries)} things are taken back`)
    try {
      await store.keep(CHANNEL, writeEntry(entry), entry.until - time)
    } catch (error) {
      state.readSoon()
      throw error
    }
  }
  return { store, taken, watchers, state, share }
}

function tell(issuer: string | undefined, what: EventMessages['token.revoked']['what']): void {
  publish('token.revoked', () => ({ issuer, what }))
}

/** Writes what a store has lost: it may have been started anew. */
async function writeBack(
  taken: TakenBack,
  kept: ReadonlySet<string>,
  { store, now }: { readonly store: KeepingStore; readonly now: number },
): Promise<void> {
  const lost = taken.list(now).filter((entry) => !kept.has(writeEntry(entry)))
  for (let start = 0; start < lost.length; start += LOT) {
    const lot = lost.slice(start, start + LOT)
    await Promise.all(lot.map(async (entry) => store.keep(CHANNEL, writeEntry(entry), entry.until - now)))
  }
}

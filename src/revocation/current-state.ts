import { isWithin } from '../lib/clock.js'
import type { KeepingStore } from '../stores/store.js'

/** Whether every message comes, and what was told before has been read. */
export interface CurrentState {
  /** Whether what this process knows is all there is, or was so at most so many seconds ago. */
  readonly isCurrent: () => boolean
  /** Resolves when it is read and current. */
  readonly whenCurrent: () => Promise<void>
  /** Reads what is kept once more. */
  readonly readSoon: () => void
  readonly close: () => void
}

interface Following {
  readonly store: KeepingStore
  readonly channel: string
  readonly staleSeconds: number
  readonly now: () => number
  /** Takes a message in. Answers whether it could. */
  readonly take: (message: string) => boolean
  /** Called when everything that the store keeps has been taken in. Where it fails, all is read once more. */
  readonly afterRead: (kept: readonly string[]) => Promise<void>
  /** Called when messages may be missed, and when they come again. */
  readonly changed: (isCurrent: boolean) => void
}

const RETRY_MS = 500

/**
 * Follows a channel of a store: hears it, reads what it keeps whenever messages may have been missed, and remembers since when
 * that is so.
 */
export function followStore(following: Following): CurrentState {
  const { store, channel, staleSeconds, now, take, afterRead, changed } = following
  /** Since when messages may be missed: never read, at first. Undefined while all come. */
  let missingSince: number | undefined = Number.NEGATIVE_INFINITY
  /** Grows when messages may have been missed: what was read before then is not all. */
  let gap = 0
  let isHearing = false
  let isClosed = false
  let retry: NodeJS.Timeout | undefined
  let waiting: (() => void)[] = []

  const lose = (): void => {
    gap++
    if (missingSince !== undefined) return
    missingSince = now()
    changed(false)
  }
  const readSoon = (): void => {
    if (isClosed) return
    retry ??= setTimeout(() => void read(), RETRY_MS).unref()
  }
  const read = async (): Promise<void> => {
    clearTimeout(retry)
    retry = undefined
    const began = gap
    try {
      const kept = await store.kept(channel)
      // What comes after a gap that was noticed meanwhile is read anew.
      if (began !== gap || !isHearing) return
      if (!kept.map(take).every(Boolean)) {
        lose()
        readSoon()
        return
      }
      if (missingSince !== undefined) {
        missingSince = undefined
        changed(true)
      }
      for (const resolve of waiting.splice(0)) resolve()
      await afterRead(kept)
    } catch {
      // Whatever it was, it is tried again, and until then nothing newer is known.
      if (isHearing) readSoon()
    }
  }
  const stop = store.subscribe(channel, {
    message(message) {
      if (isClosed || take(message)) return
      lose()
      readSoon()
    },
    lost() {
      isHearing = false
      if (!isClosed) lose()
    },
    current() {
      if (isClosed) return
      isHearing = true
      lose()
      void read()
    },
  })

  return {
    isCurrent() {
      if (missingSince === undefined) return true
      // With a clock that was set back it cannot be told how long ago that was.
      return isWithin(now(), missingSince, missingSince + staleSeconds)
    },
    whenCurrent: () =>
      missingSince === undefined ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
    readSoon,
    close() {
      if (isClosed) return
      isClosed = true
      isHearing = false
      lose()
      clearTimeout(retry)
      waiting = []
      stop()
    },
  }
}

import { isWithin } from '../lib/clock.js'
import type { KeepingStore } from '../stores/store.js'

/** Whether every message comes, and what was told before has been read. */
export interface CurrentState {
  /** Whether what this process knows is all there is, or was so at most so many seconds ago. */
  readonly isCurrent: () => boolean
  /** Resolves when it is read and current, with `false` when it is closed: one promise for all who wait. */
  readonly whenCurrent: () => Promise<boolean>
  /** Reads what is kept once more. */
  readonly readSoon: () => void
  readonly close: () => void
}

interface Following {
  readonly store: KeepingStore
  readonly channel: string
  readonly staleSeconds: number
  /** How often all is read anew, though nothing seems to be missed. */
  readonly rereadSeconds: number
  readonly now: () => number
  /** Takes a message in. Answers whether it could. */
  readonly take: (message: string) => boolean
  /** Called when everything that the store keeps has been taken in. Where it fails, all is read once more. */
  readonly afterRead: (kept: readonly string[]) => Promise<void>
  /** Called when messages may be missed, and when they come again. */
  readonly changed: (isCurrent: boolean) => void
  /** Calls back after so many milliseconds, unless it is cancelled. */
  readonly schedule?: ((callback: () => void, milliseconds: number) => () => void) | undefined
}

/** For those who wait until it is read. */
interface Waiting {
  readonly isCurrent: Promise<boolean>
  readonly settle: (isCurrent: boolean) => void
}

const RETRY_MS = 500

/**
 * Follows a channel of a store: hears it, reads what it keeps whenever messages may have been missed, and now and then without
 * that, and remembers since when any may be missed.
 */
export function followStore(following: Following): CurrentState {
  const state = new Followed(following)
  return {
    isCurrent: () => state.isCurrent(),
    whenCurrent: () => state.whenCurrent(),
    readSoon: () => {
      state.readIn(RETRY_MS)
    },
    close: () => {
      state.close()
    },
  }
}

class Followed {
  readonly #following: Following
  readonly #stop: () => void
  /** Since when messages may be missed: never read, at first. Undefined while all come. */
  #missingSince: number | undefined = Number.NEGATIVE_INFINITY
  /** Grows when messages may have been missed: what was read before then is not all. */
  #gap = 0
  #isHearing = false
  #isClosed = false
  #next: { readonly milliseconds: number; readonly cancel: () => void } | undefined
  #waiting: Waiting | undefined

  constructor(following: Following) {
    this.#following = following
    this.#stop = following.store.subscribe(following.channel, {
      message: (message) => {
        if (this.#isClosed || following.take(message)) return
        this.#lose()
        this.readIn(RETRY_MS)
      },
      lost: () => {
        this.#isHearing = false
        if (!this.#isClosed) this.#lose()
      },
      current: () => {
        if (this.#isClosed) return
        this.#isHearing = true
        this.#lose()
        void this.#read()
      },
    })
  }

  isCurrent(): boolean {
    const { now, staleSeconds } = this.#following
    if (this.#missingSince === undefined) return true
    // With a clock that was set back it cannot be told how long ago that was.
    return isWithin(now(), this.#missingSince, this.#missingSince + staleSeconds)
  }

  whenCurrent(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false)
    if (this.#missingSince === undefined) return Promise.resolve(true)
    this.#waiting ??= createWaiting()
    return this.#waiting.isCurrent
  }

  /** Reads after so long, or sooner where that was wanted before. */
  readIn(milliseconds: number): void {
    if (this.#isClosed || (this.#next !== undefined && this.#next.milliseconds <= milliseconds)) return
    this.#next?.cancel()
    const { schedule = scheduleTimeout } = this.#following
    this.#next = { milliseconds, cancel: schedule(() => void this.#read(), milliseconds) }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isHearing = false
    this.#lose()
    this.#next?.cancel()
    this.#settle(false)
    this.#stop()
  }

  #settle(isCurrent: boolean): void {
    this.#waiting?.settle(isCurrent)
    this.#waiting = undefined
  }

  #lose(): void {
    this.#gap++
    if (this.#missingSince !== undefined) return
    this.#missingSince = this.#following.now()
    this.#following.changed(false)
  }

  async #read(): Promise<void> {
    this.#next?.cancel()
    this.#next = undefined
    const { store, channel, take, rereadSeconds } = this.#following
    const began = this.#gap
    try {
      const kept = await store.kept(channel)
      // What comes after a gap that was noticed meanwhile is read anew.
      if (began !== this.#gap || !this.#isHearing) return
      if (!kept.map(take).every(Boolean))
        throw new TypeError('There is no room for what is kept, or it makes no sense.')
      await this.#conclude(kept)
      this.readIn(rereadSeconds * 1000)
    } catch {
      // Whatever it was, it is tried again, and until then nothing newer is known.
      if (!this.#isHearing || this.#isClosed) return
      this.#lose()
      this.readIn(RETRY_MS)
    }
  }

  async #conclude(kept: readonly string[]): Promise<void> {
    const { afterRead, changed } = this.#following
    if (this.#missingSince !== undefined) {
      this.#missingSince = undefined
      changed(true)
    }
    this.#settle(true)
    await afterRead(kept)
  }
}

function createWaiting(): Waiting {
  let settle: (isCurrent: boolean) => void = () => undefined
  const isCurrent = new Promise<boolean>((resolve) => (settle = resolve))
  return { isCurrent, settle }
}

/** Keeps no process alive. */
function scheduleTimeout(callback: () => void, milliseconds: number): () => void {
  const timer = setTimeout(callback, milliseconds).unref()
  return () => {
    clearTimeout(timer)
  }
}

import { randomUUID } from 'node:crypto'
import { withinDeadline } from '../lib/deadline.js'
import { cannotTell } from '../stores/cannot-tell.js'
import type { Subscriber } from '../stores/store.js'
import type { Connection } from './connection.js'

/** How a channel is heard. */
export interface Listening {
  readonly connection: Connection
  /** Publishes, by the connection that is not the listener's. */
  readonly publish: (channel: string, message: string) => Promise<void>
  /** How often it is tried out whether messages still come. */
  readonly seconds: number
}

/**
 * Hears a channel by a connection of its own, and says when messages may have been missed: what Redis publishes while nobody
 * hears is gone.
 *
 * That messages come is shown by messages: one of ours goes the way that all go, from the publishing connection by the server
 * to the listening one, when that one is there, there again, and then at an interval. Where it does not arrive before the
 * next, the connection hangs, or hears another server than the one that is published to.
 */
export function listen(
  channel: string,
  subscriber: Subscriber,
  { connection, publish, seconds }: Listening,
): () => void {
  // Subscribed to in one command, after the channel: who hears it hears the channel.
  const trials = `${channel}:trial:${randomUUID()}`
  let isClosed = false
  let isCurrent = false
  let isEntering = false
  let awaited: string | undefined

  const lose = (): void => {
    awaited = undefined
    if (!isCurrent || isClosed) return
    isCurrent = false
    subscriber.lost()
  }
  const tryOut = (): void => {
    awaited = randomUUID()
    publish(trials, awaited).catch(() => undefined)
  }
  const enter = async (): Promise<void> => {
    if (isEntering || isClosed) return
    isEntering = true
    try {
      const late = (): Error => cannotTell('Redis did not take a subscription in time')
      await withinDeadline(listener.subscribe([channel, trials]), { seconds, late })
      tryOut()
    } catch {
      // It is tried again at the next turn.
    } finally {
      isEntering = false
    }
  }

  const listener = connection.duplicate({
    ready() {
      lose()
      void enter()
    },
    lost: lose,
    message(from, message) {
      if (isClosed) return
      if (from === channel) subscriber.message(message)
      else if (from === trials && message === awaited) {
        awaited = undefined
        if (isCurrent) return
        isCurrent = true
        subscriber.current()
      }
    },
  })
  const timer = setInterval(() => {
    if (awaited !== undefined) lose()
    if (isCurrent) tryOut()
    else void enter()
  }, seconds * 1000).unref()

  return () => {
    isClosed = true
    clearInterval(timer)
    listener.close()
  }
}

import type { KeepingStore, Subscriber } from './store.js'

interface Channels {
  readonly publish: (channel: string, message: string) => void
  readonly subscribe: KeepingStore['subscribe']
}

/** Creates the channels of one process: who hears is never lost, and told in a turn of its own. */
export function createChannels(): Channels {
  const channels = new Map<string, Set<Subscriber>>()
  return {
    publish(channel, message) {
      const subscribers = channels.get(channel) ?? []
      queueMicrotask(() => {
        for (const { message: hear } of subscribers) hear(message)
      })
    },
    subscribe(channel, subscriber) {
      // An object of its own: one that subscribes twice hears twice, and each ends alone.
      const entry = { ...subscriber }
      const subscribers = channels.get(channel) ?? new Set()
      channels.set(channel, subscribers.add(entry))
      queueMicrotask(subscriber.current)
      return () => {
        subscribers.delete(entry)
        if (subscribers.size === 0 && channels.get(channel) === subscribers) channels.delete(channel)
      }
    },
  }
}

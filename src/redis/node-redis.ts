import { hearEvents, type Connection } from './connection.js'

/** What is used of a client of the package `redis`, 5 or 6. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  set(key: string, value: string, options: { readonly NX: true; readonly PX: number }): Promise<unknown>
  exists(key: string): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  duplicate(): NodeRedisListener
}

/** Its duplicate. */
export interface NodeRedisListener {
  connect(): Promise<unknown>
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
  destroy(): void
  on(event: string, listener: (...texts: string[]) => void): unknown
}

/** Takes a client of the package `redis`. */
export function fromNodeRedis(client: NodeRedisClient): Connection {
  return {
    isReady: () => client.isReady,
    add: (key, milliseconds) => client.set(key, '1', { NX: true, PX: milliseconds }),
    exists: (key) => client.exists(key),
    publish: (channel, message) => client.publish(channel, message),
    evaluate: (script, key, parameters) => client.eval(script, { keys: [key], arguments: [...parameters] }),
    duplicate(events) {
      const listener = client.duplicate()
      hearEvents(listener.on.bind(listener), events)
      // It goes on trying. Where it gives up, it is lost, as it was.
      listener.connect().catch(() => undefined)
      // One function: whoever subscribes again with another hears everything twice.
      const hear = (message: string, channel: string): void => {
        events.message(channel, message)
      }
      return {
        subscribe: (channels) => listener.subscribe([...channels], hear),
        close() {
          try {
            listener.destroy()
          } catch {
            // It was closed.
          }
        },
      }
    },
  }
}

import { hearEvents, type Connection } from './connection.js'

/** What is used of a client of `ioredis` or `iovalkey`. */
export interface IoRedisClient {
  readonly status: string
  set(key: string, value: string, px: 'PX', milliseconds: number, nx: 'NX'): Promise<unknown>
  exists(key: string): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
  eval(script: string, keys: 1, ...keyAndParameters: string[]): Promise<unknown>
  duplicate(): IoRedisListener
}

/** Its duplicate, which opens itself unless it was told to wait. */
export interface IoRedisListener {
  readonly status: string
  connect(): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  disconnect(): void
  on(event: string, listener: (...texts: string[]) => void): unknown
}

/** Takes a client of `ioredis` or `iovalkey`. */
export function fromIoRedis(client: IoRedisClient): Connection {
  return {
    // One that waits is opened by its first command.
    isReady: () => client.status === 'ready' || client.status === 'wait',
    add: (key, milliseconds) => client.set(key, '1', 'PX', milliseconds, 'NX'),
    exists: (key) => client.exists(key),
    publish: (channel, message) => client.publish(channel, message),
    evaluate: (script, key, parameters) => client.eval(script, 1, key, ...parameters),
    duplicate(events) {
      const listener = client.duplicate()
      hearEvents(listener.on.bind(listener), events)
      listener.on('message', events.message)
      if (listener.status === 'wait') listener.connect().catch(() => undefined)
      return {
        subscribe: (channels) => listener.subscribe(...channels),
        close() {
          listener.disconnect()
        },
      }
    },
  }
}

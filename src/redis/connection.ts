/** What a store needs of a client, whichever it is. Answers are unknown: they are the server's. */
export interface Connection {
  /** Whether a command would be sent now, rather than kept until there is a server again. */
  readonly isReady: () => boolean
  /** SET NX: adds a key for so many milliseconds unless it is there. Answers "OK" or null. */
  readonly add: (key: string, milliseconds: number) => Promise<unknown>
  /** Answers 1 or 0. */
  readonly exists: (key: string) => Promise<unknown>
  /** Answers how many have heard it. */
  readonly publish: (channel: string, message: string) => Promise<unknown>
  /** EVAL of a script with one key. */
  readonly evaluate: (script: string, key: string, parameters: readonly string[]) => Promise<unknown>
  /** Opens a connection of its own to hear channels by: one that hears can do nothing else. */
  readonly duplicate: (events: ListenerEvents) => Listener
}

/** What happens to a connection that hears. */
export interface ListenerEvents {
  readonly message: (channel: string, message: string) => void
  /** It is there, or there again. */
  readonly ready: () => void
  readonly lost: () => void
}

/** A connection that hears channels, and goes on trying when it is lost. */
export interface Listener {
  readonly subscribe: (channels: readonly string[]) => Promise<unknown>
  readonly close: () => void
}

/** Of an emitter of events: its messages are texts, and what others are given is not looked at. */
export type ListenTo = (event: string, listener: (...texts: string[]) => void) => unknown

/** Hears what all clients tell of a connection. An error that nobody hears ends the process. */
export function hearEvents(on: ListenTo, { ready, lost }: ListenerEvents): void {
  on('error', () => undefined)
  on('ready', ready)
  for (const event of ['reconnecting', 'close', 'end']) on(event, lost)
}

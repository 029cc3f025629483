import { EventEmitter } from 'node:events'
import type { RequestHandler } from 'express'
import type { Role } from './addresses.js'

/** Something that just happened between two roles, in plain words. It never holds a token. */
export interface JournalEntry {
  /** Counts up. */
  readonly id: number
  readonly at: string
  readonly from: Role
  readonly to: Role
  readonly text: string
  readonly outcome: 'done' | 'refused'
}

export type Note = (entry: Omit<JournalEntry, 'id' | 'at'>) => void

export interface Journal {
  readonly note: Note
  /** Sends the last entries and then every new one, as server-sent events. */
  readonly stream: RequestHandler
}

const KEPT = 40

/** What the board shows as its timeline. It belongs to the demonstration: no application needs it. */
export function createJournal(): Journal {
  const entries: JournalEntry[] = []
  let last = 0
  const arrivals = new EventEmitter().setMaxListeners(0)

  return {
    note(entry) {
      const dated = { ...entry, id: ++last, at: new Date().toISOString() }
      entries.push(dated)
      entries.splice(0, entries.length - KEPT)
      arrivals.emit('entry', dated)
    },
    stream(req, res) {
      const send = (entry: JournalEntry): void =>
        void res.write(`id: ${String(entry.id)}\ndata: ${JSON.stringify(entry)}\n\n`)
      res.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      res.flushHeaders()
      // A browser that lost the connection says what it has seen.
      const seen = Number(req.get('last-event-id') ?? 0)
      entries.filter(({ id }) => id > seen).forEach(send)
      arrivals.on('entry', send)
      req.once('close', () => arrivals.off('entry', send))
    },
  }
}

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
  /**
   * The last entries, or those after `?after=ID`. Pages ask now and then: a stream for each tab would use up the six
   * connections that a browser has for a host.
   */
  readonly answer: RequestHandler
}

const KEPT = 40

/** What the board shows as its timeline. It belongs to the demonstration: no application needs it. */
export function createJournal(): Journal {
  const entries: JournalEntry[] = []
  let last = 0

  return {
    note(entry) {
      entries.push({ ...entry, id: ++last, at: new Date().toISOString() })
      entries.splice(0, entries.length - KEPT)
    },
    answer({ query }, res) {
      const after = Number(query['after'])
      res.set('cache-control', 'no-store')
      res.json(entries.filter(({ id }) => !(id <= after)))
    },
  }
}

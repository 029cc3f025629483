import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import type { RequestHandler } from 'express'
import type { Page, Role } from './addresses.js'
import { watchExchange } from './transcript.js'

/** Something that just happened between two roles, in plain words. It never holds a whole token, secret or cookie. */
export interface JournalEntry {
  /** Counts up. */
  readonly id: number
  readonly at: string
  readonly from: Role
  readonly to: Role
  readonly text: string
  readonly outcome: 'done' | 'refused'
  /** On whose behalf, where that can be told. */
  readonly page?: Page | undefined
  readonly user?: string | undefined
  /** The request and the answer to it, as they were sent, with every secret shortened. */
  readonly message?: string | undefined
}

type Draft = Omit<JournalEntry, 'id' | 'at' | 'message'>

export type Note = (entry: Draft) => void

export interface Journal {
  readonly note: Note
  /** Adds to what is noted while a role answers a request: the request and the answer. */
  listen(role: Role, listener: RequestListener): RequestListener
  /**
   * The last entries, or those after `?after=ID`. Pages ask now and then: a stream for each tab would use up the six
   * connections that a browser has for a host.
   */
  readonly answer: RequestHandler
}

interface Exchange {
  readonly drafts: Draft[]
  isOver: boolean
}

const KEPT = 80

/** What the board shows as its timeline. It belongs to the demonstration: no application needs it. */
export function createJournal(): Journal {
  const entries: JournalEntry[] = []
  const exchanges = new AsyncLocalStorage<Exchange>()
  let last = 0

  function publish(entry: Omit<JournalEntry, 'id' | 'at'>): void {
    entries.push({ ...entry, id: ++last, at: new Date().toISOString() })
    entries.splice(0, entries.length - KEPT)
  }

  return {
    note(draft) {
      const exchange = exchanges.getStore()
      if (exchange === undefined || exchange.isOver) publish(draft)
      else exchange.drafts.push(draft)
    },
    listen(role, listener) {
      return (req, res) => {
        const exchange: Exchange = { drafts: [], isOver: false }
        const transcribe = watchExchange(role, req, res)
        res.once('close', () => {
          exchange.isOver = true
          if (exchange.drafts.length === 0) return
          const { message, page, user } = transcribe()
          for (const draft of exchange.drafts) publish({ page, user, ...draft, message })
        })
        exchanges.run(exchange, () => {
          listener(req, res)
        })
      }
    },
    answer({ query }, res) {
      const after = Number(query['after'])
      res.set('cache-control', 'no-store')
      res.json(entries.filter(({ id }) => !(id <= after)))
    },
  }
}

import type { SessionData } from 'express-session'
import { LRUCache } from 'lru-cache'
import { within } from '../deadline.js'
import { LOCK_MILLISECONDS, SESSION_SECONDS, type Sessions } from './sessions.js'

const MOST = 10_000

/** Sessions in this process, at most ten thousand; the one that was not used for longest goes first. */
export function createMemorySessions(): Sessions {
  const bounds = { max: MOST, ttl: SESSION_SECONDS * 1000 }
  // As texts: whoever reads one gets a copy, as from any other store.
  const texts = new LRUCache<string, string>(bounds)
  const links = new LRUCache<string, ReadonlySet<string>>({ ...bounds, max: 2 * MOST })
  const tails = new Map<string, Promise<void>>()

  const read = (sessionId: string): SessionData | undefined => {
    const text = texts.get(sessionId)
    return text === undefined ? undefined : (JSON.parse(text) as SessionData) // `write` made it
  }
  const write = (sessionId: string, session: SessionData, keepEnd: boolean): void => {
    texts.set(sessionId, JSON.stringify(session), { noUpdateTTL: keepEnd })
  }

  return {
    read: (sessionId) => Promise.resolve(read(sessionId)),
    write(sessionId, session) {
      write(sessionId, session, false)
      return Promise.resolve()
    },
    remove(sessionId) {
      const session = read(sessionId)
      texts.delete(sessionId)
      return Promise.resolve(session)
    },
    async exclusively(sessionId, work) {
      const before = tails.get(sessionId) ?? Promise.resolve()
      let isMine = true
      let release = (): void => undefined
      const done = new Promise<void>((resolve) => (release = resolve))
      const tail = before.then(() => done)
      tails.set(sessionId, tail)
      try {
        await within(LOCK_MILLISECONDS, before)
        return await work({
          replace(session) {
            if (!isMine || !texts.has(sessionId)) return Promise.resolve(false)
            write(sessionId, session, true)
            return Promise.resolve(true)
          },
        })
      } finally {
        isMine = false
        release()
        void tail.then(() => {
          if (tails.get(sessionId) === tail) tails.delete(sessionId)
        })
      }
    },
    link(name, sessionId) {
      // Those that have ended by themselves go when another comes.
      const alive = [...(links.get(name) ?? [])].filter((id) => texts.has(id))
      links.set(name, new Set([...alive, sessionId]))
      return Promise.resolve()
    },
    linked: (name) => Promise.resolve([...(links.get(name) ?? [])]),
    unlink(name, sessionId) {
      const left = [...(links.get(name) ?? [])].filter((id) => id !== sessionId)
      if (left.length === 0) links.delete(name)
      else links.set(name, new Set(left))
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}

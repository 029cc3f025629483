import session, { type SessionData } from 'express-session'
import type { Sessions } from './sessions.js'

/** The store that express-session wants. It has no `touch`, since a session ends at a fixed time. */
export class SessionStore extends session.Store {
  readonly #sessions: Sessions

  constructor(sessions: Sessions) {
    super()
    this.#sessions = sessions
  }

  override get(sessionId: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#sessions.read(sessionId).then((found) => {
      callback(null, found ?? null)
    }, callback)
  }

  override set(sessionId: string, data: SessionData, callback: (error?: unknown) => void = ignore): void {
    this.#sessions.write(sessionId, data).then(() => {
      callback()
    }, callback)
  }

  override destroy(sessionId: string, callback: (error?: unknown) => void = ignore): void {
    this.#sessions.remove(sessionId).then(() => {
      callback()
    }, callback)
  }
}

const ignore = (): void => undefined

import type { SessionData } from 'express-session'
import { PATIENCE_MILLISECONDS } from '../oauth-client.js'

/** Where the BFF keeps its sessions, and what it must be able to do with them. Every call has a deadline. */
export interface Sessions {
  read(sessionId: string): Promise<SessionData | undefined>
  /** Writes a session that was not there before. It ends at a fixed time: nothing prolongs it. */
  write(sessionId: string, session: SessionData): Promise<void>
  /** Ends it, and answers what it was. It waits for nobody who is at work on it. */
  remove(sessionId: string): Promise<SessionData | undefined>
  /** Runs the work while nobody else runs work for that session, in any process that shares the store. */
  exclusively<T>(sessionId: string, work: (lease: Lease) => Promise<T>): Promise<T>
  /** Remembers a session under a name that the provider has for it. */
  link(name: string, sessionId: string): Promise<void>
  linked(name: string): Promise<readonly string[]>
  unlink(name: string, sessionId: string): Promise<void>
  close(): Promise<void>
}

/** The right to change one session, for as long as it is locked. */
export interface Lease {
  /** Writes the session back; false if it has ended meanwhile, or the lock is another's by now. */
  replace(session: SessionData): Promise<boolean>
}

/** From sign-in to the end of the session, whatever is done with it. */
export const SESSION_SECONDS = 8 * 3600

/** How long Redis may take for one command. */
export const STORE_PATIENCE_MILLISECONDS = 2000

/**
 * Longer than the work under a lock can take: to read, to ask the provider, to write. A process that died locks a user out
 * for no longer, and nobody waits longer for a lock.
 */
export const LOCK_MILLISECONDS = PATIENCE_MILLISECONDS + 2 * STORE_PATIENCE_MILLISECONDS + 1000

import type { SessionData } from 'express-session'
import { getValidatedIdTokenClaims, type TokenEndpointResponse } from 'oauth4webapi'
import { GrantEnded, type OAuthClient, type Wish } from '../oauth-client.js'
import type { Lease, Sessions } from './sessions.js'

/** What the session keeps, on the server, of somebody who signed in. */
export interface SignedIn {
  readonly name: string
  readonly sub: string
  /** The session at the provider that this one came from, where the provider says so. */
  readonly sid?: string | undefined
  readonly idToken: string
  readonly accessToken: string
  /** Of the access token, in milliseconds since the epoch. */
  readonly expiresAt: number
  readonly refreshToken: string
}

declare module 'express-session' {
  interface SessionData {
    signedIn?: SignedIn
  }
}

/** The names under which a session is found when the provider ends it. */
export const linkOfSid = (sid: string): string => `sid:${sid}`
export const linkOfSubject = (sub: string): string => `sub:${sub}`
export const linksOf = ({ sid, sub }: SignedIn): readonly string[] =>
  sid === undefined ? [linkOfSubject(sub)] : [linkOfSid(sid), linkOfSubject(sub)]

/** What the provider answered to a code. Without a refresh token this BFF cannot keep its promises. */
export function signedInFrom(answer: TokenEndpointResponse): SignedIn {
  const claims = getValidatedIdTokenClaims(answer)
  const { refresh_token: refreshToken, id_token: idToken } = answer
  if (claims === undefined || refreshToken === undefined || idToken === undefined) {
    throw new Error('The provider left something out.')
  }
  const { sub } = claims
  const sid = typeof claims['sid'] === 'string' ? claims['sid'] : undefined
  return { name: sub, sub, sid, idToken, refreshToken, ...accessTokenOf(answer) }
}

function accessTokenOf({ access_token: accessToken, expires_in = 0 }: TokenEndpointResponse) {
  return { accessToken, expiresAt: Date.now() + expires_in * 1000 }
}

/** A token that ends while the request is under way is no use. */
const MARGIN_MILLISECONDS = 2000

/** The tokens of sessions, by session id. Each throws a {@link GrantEnded} where only a sign-in helps. */
export interface SessionTokens {
  /** An access token that is good for now, renewed if need be. */
  accessToken(sessionId: string, session: Partial<SessionData>): Promise<string>
  /** Another access token than the one that the API refused. */
  insteadOf(sessionId: string, refused: string): Promise<string>
  /** An access token for something else than what the session is for. */
  accessTokenFor(sessionId: string, wish: Wish): Promise<string>
  /**
   * Ends the session here, and others that this browser began in the same session at the provider; then gives their
   * refresh tokens back. It answers who could not be told, and never throws.
   */
  leave(sessionId: string): Promise<readonly NotTold[]>
  /** Ends every session that the provider knows by this name. It throws if one may be left. */
  endLinked(name: string): Promise<void>
}

export type NotTold = 'session store' | 'provider'

/**
 * Whatever renews a session does so alone: two requests at once renew once. Whatever ends one waits for nobody: who is at
 * work on it finds that out when it writes back, and returns what it was given.
 */
export function createSessionTokens(client: OAuthClient, sessions: Sessions): SessionTokens {
  type Work = (session: SessionData, signedIn: SignedIn, lease: Lease) => Promise<string>

  function change(sessionId: string, work: Work): Promise<string> {
    return sessions.exclusively(sessionId, async (lease) => {
      const stored = await sessions.read(sessionId)
      if (stored?.signedIn === undefined) throw new GrantEnded('The session has ended.')
      try {
        return await work(stored, stored.signedIn, lease)
      } catch (error) {
        if (error instanceof GrantEnded) await end(sessionId)
        throw error
      }
    })
  }

  async function refresh(lease: Lease, session: SessionData, old: SignedIn, wish?: Wish): Promise<string> {
    const answer = await client.refresh(old.refreshToken, wish)
    const rotated = { ...old, refreshToken: answer.refresh_token ?? old.refreshToken }
    // A token that was wished for is for that one use; the session keeps its own.
    const signedIn = wish === undefined ? { ...rotated, ...accessTokenOf(answer) } : rotated
    if (await lease.replace({ ...session, signedIn })) return answer.access_token
    await client.revoke(signedIn.refreshToken).catch(() => undefined)
    throw new GrantEnded('The session ended while it was renewed.')
  }

  async function end(sessionId: string): Promise<SignedIn | undefined> {
    const signedIn = (await sessions.remove(sessionId))?.signedIn
    // A name that is left over leads to nothing, and ends by itself.
    const names = signedIn === undefined ? [] : linksOf(signedIn)
    await Promise.allSettled(names.map((name) => sessions.unlink(name, sessionId)))
    return signedIn
  }

  async function endHereAndBeside(sessionId: string): Promise<readonly SignedIn[]> {
    const here = await end(sessionId)
    if (here?.sid === undefined) return here === undefined ? [] : [here]
    const beside = await Promise.all((await sessions.linked(linkOfSid(here.sid))).map(end))
    return [here, ...beside.filter((one) => one !== undefined)]
  }

  return {
    async accessToken(sessionId, { signedIn }) {
      if (signedIn === undefined) throw new GrantEnded('Nobody is signed in.')
      if (isGood(signedIn)) return signedIn.accessToken
      return change(sessionId, async (session, current, lease) =>
        isGood(current) ? current.accessToken : refresh(lease, session, current),
      )
    },

    insteadOf(sessionId, refused) {
      return change(sessionId, async (session, current, lease) =>
        current.accessToken === refused ? refresh(lease, session, current) : current.accessToken,
      )
    },

    accessTokenFor(sessionId, wish) {
      return change(sessionId, (session, current, lease) => refresh(lease, session, current, wish))
    },

    async leave(sessionId) {
      let ended: readonly SignedIn[]
      try {
        ended = await endHereAndBeside(sessionId)
      } catch {
        return ['session store']
      }
      const told = await Promise.allSettled(ended.map(({ refreshToken }) => client.revoke(refreshToken)))
      return told.some(({ status }) => status === 'rejected') ? ['provider'] : []
    },

    async endLinked(name) {
      const sessionIds = await sessions.linked(name)
      const ended = await Promise.allSettled(sessionIds.map((sessionId) => end(sessionId)))
      const failed = ended.find((one) => one.status === 'rejected')
      if (failed !== undefined) throw new Error('A session may be left.', { cause: failed.reason })
      for (const sessionId of sessionIds) await sessions.unlink(name, sessionId)
    },
  }
}

const isGood = ({ expiresAt }: SignedIn): boolean => expiresAt - MARGIN_MILLISECONDS > Date.now()

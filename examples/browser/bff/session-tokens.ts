import type { SessionData } from 'express-session'
import { getValidatedIdTokenClaims, type TokenEndpointResponse } from 'oauth4webapi'
import { GrantEnded, type OAuthClient, type Wish } from '../oauth-client.js'
import type { SessionStore } from './session-store.js'

/** What the session keeps, on the server, of somebody who signed in. */
export interface SignedIn {
  readonly name: string
  /** The session at the provider that this one came from. */
  readonly sid: string
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

/** What the provider answered to a code. Without a refresh token or a `sid` this BFF cannot keep its promises. */
export function signedInFrom(answer: TokenEndpointResponse): SignedIn {
  const claims = getValidatedIdTokenClaims(answer)
  const { refresh_token: refreshToken, id_token: idToken } = answer
  if (typeof claims?.['sid'] !== 'string' || refreshToken === undefined || idToken === undefined) {
    throw new Error('The provider left something out.')
  }
  return { name: claims.sub, sid: claims['sid'], idToken, refreshToken, ...accessTokenOf(answer) }
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
  /** Ends the session, after whoever is at work on it. */
  end(sessionId: string): Promise<void>
}

/**
 * Whatever changes a session does so alone: two requests at once renew once, and a session that ends meanwhile stays
 * ended.
 */
export function createSessionTokens(client: OAuthClient, sessions: SessionStore): SessionTokens {
  const { store } = sessions

  function change<T>(sessionId: string, work: (session: SessionData, signedIn: SignedIn) => Promise<T>): Promise<T> {
    return sessions.exclusively(sessionId, async () => {
      const stored = await new Promise<SessionData | null | undefined>((resolve, reject) => {
        store.get(sessionId, (error: unknown, found) => {
          settle(
            error,
            () => {
              resolve(found)
            },
            reject,
          )
        })
      })
      if (stored?.signedIn === undefined) throw new GrantEnded('The session has ended.')
      try {
        return await work(stored, stored.signedIn)
      } catch (error) {
        if (error instanceof GrantEnded) await destroy(sessionId)
        throw error
      }
    })
  }

  async function refresh(sessionId: string, session: SessionData, old: SignedIn, wish?: Wish) {
    const answer = await client.refresh(old.refreshToken, wish)
    const rotated = { ...old, refreshToken: answer.refresh_token ?? old.refreshToken }
    // A token that was wished for is for that one use; the session keeps its own.
    const signedIn = wish === undefined ? { ...rotated, ...accessTokenOf(answer) } : rotated
    await new Promise<void>((resolve, reject) => {
      store.set(sessionId, { ...session, signedIn }, (error: unknown) => {
        settle(error, resolve, reject)
      })
    })
    return answer.access_token
  }

  function destroy(sessionId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      store.destroy(sessionId, (error: unknown) => {
        settle(error, resolve, reject)
      })
    })
  }

  return {
    async accessToken(sessionId, { signedIn }) {
      if (signedIn === undefined) throw new GrantEnded('Nobody is signed in.')
      if (isGood(signedIn)) return signedIn.accessToken
      return change(sessionId, async (session, current) =>
        isGood(current) ? current.accessToken : refresh(sessionId, session, current),
      )
    },

    insteadOf(sessionId, refused) {
      return change(sessionId, async (session, current) =>
        current.accessToken === refused ? refresh(sessionId, session, current) : current.accessToken,
      )
    },

    accessTokenFor(sessionId, wish) {
      return change(sessionId, (session, current) => refresh(sessionId, session, current, wish))
    },

    end: (sessionId) => sessions.exclusively(sessionId, () => destroy(sessionId)),
  }
}

const isGood = ({ expiresAt }: SignedIn): boolean => expiresAt - MARGIN_MILLISECONDS > Date.now()

function settle(error: unknown, resolve: () => void, reject: (reason: Error) => void): void {
  if (error === undefined || error === null) resolve()
  else reject(new Error('The session store does not answer.', { cause: error }))
}

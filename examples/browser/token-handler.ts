import { createHash } from 'node:crypto'
import { parseCookie } from 'cookie'
import cors from 'cors'
import express, { type CookieOptions, type ErrorRequestHandler, type Express, type Request } from 'express'
import helmet from 'helmet'
import { LRUCache } from 'lru-cache'
import type { TokenEndpointResponse } from 'oauth4webapi'
import type { Origins } from './stage/addresses.js'
import type { Note } from './stage/journal.js'
import { GrantEnded, type OAuthClient, type Wish } from './oauth-client.js'
import { onlyFrom } from './only-from.js'

const COOKIE = '__Secure-refresh'

const cookieAttributes: CookieOptions = {
  // No script reads it.
  httpOnly: true,
  secure: true,
  // No other site's page causes it to be sent.
  sameSite: 'strict',
  // Sent to the three routes below and nowhere else. That is economy, not a lock: a path protects nothing.
  path: '/session',
  // There is no Domain: it belongs to this host alone, not to app.a.localhost or api.a.localhost.
}

export interface TokenHandlerOptions {
  readonly origins: Origins
  readonly client: OAuthClient
  readonly note: Note
  /** How long the provider lets a refresh token live. */
  readonly refreshTokenSeconds: number
}

/**
 * The renewal desk: a token endpoint for one single-page app, that keeps the refresh token to itself. The page gets the
 * access token; the refresh token travels in a cookie that only this host receives and no script can read.
 */
export function createTokenHandler({ origins, client, note, refreshTokenSeconds }: TokenHandlerOptions): Express {
  const refreshOnce = createRefreshOnce(client)
  const keep = { ...cookieAttributes, maxAge: refreshTokenSeconds * 1000 }

  const app = express()
  app.use(helmet())
  app.use(cors({ origin: origins.app, credentials: true, allowedHeaders: ['content-type', 'x-csrf'], maxAge: 600 }))
  app.use(
    onlyFrom(origins.app, 'same-site', (by) => {
      note({ from: 'auth', to: 'evil', text: `A request caused by ${by}: refused.`, outcome: 'refused' })
    }),
  )
  app.use((_req, res, next) => {
    res.set('cache-control', 'no-store')
    next()
  })
  app.use(express.urlencoded({ extended: false, limit: '4kb' }))

  /** Sign-in: the page brings the code and the secret half of PKCE. */
  app.post('/session', async (req, res) => {
    const { refresh_token, ...forThePage } = await client.redeemFor({
      code: textOf(req, 'code') ?? '',
      code_verifier: textOf(req, 'code_verifier') ?? '',
      redirect_uri: `${origins.app}/`,
    })
    if (refresh_token !== undefined) res.cookie(COOKIE, refresh_token, keep)
    note({ from: 'auth', to: 'app', text: 'Visa and passport to the page, renewal into a cookie.', outcome: 'done' })
    res.json(forThePage)
  })

  /** Silent refresh. The cookie is replaced: the provider rotates. */
  app.post('/session/refresh', async (req, res) => {
    const presented = refreshTokenOf(req)
    if (presented === undefined) {
      res.status(401).json({ error: 'sign_in_required' })
      return
    }
    const wish = { scope: textOf(req, 'scope'), resource: textOf(req, 'resource') }
    const { refresh_token, ...forThePage } = await refreshOnce(presented, wish)
    if (refresh_token !== undefined) res.cookie(COOKIE, refresh_token, keep)
    note({ from: 'auth', to: 'app', text: 'A new visa to the page, a new renewal into the cookie.', outcome: 'done' })
    res.json(forThePage)
  })

  /** Sign-out here; the page then leads to the provider's own sign-out. */
  app.delete('/session', async (req, res) => {
    const presented = refreshTokenOf(req)
    res.clearCookie(COOKIE, cookieAttributes)
    if (presented !== undefined) await client.revoke(presented)
    note({ from: 'auth', to: 'idp', text: 'The renewal is returned, and its cookie deleted.', outcome: 'done' })
    res.status(204).end()
  })

  const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    if (error instanceof GrantEnded) {
      note({ from: 'auth', to: 'app', text: 'This renewal is void. Sign in again.', outcome: 'refused' })
      res.clearCookie(COOKIE, cookieAttributes).status(401).json({ error: 'sign_in_required' })
      return
    }
    // The provider does not answer: that says nothing about the user, who stays signed in.
    res.status(503).json({ error: 'try_again' })
  }
  app.use(answerError)
  return app
}

const GRACE_MILLISECONDS = 10_000

/**
 * Refreshes, and answers a repeated question with the same answer for a moment.
 *
 * A page that is reloaded while it refreshes never sees the new cookie and sends the old one again. To the provider that
 * is a replayed refresh token, and the user would be signed out for pressing a key twice. So the answer to a refresh
 * token is remembered until its successor is used, for ten seconds at most.
 *
 * What it costs: a thief who replays the cookie within those seconds gets the same successor as the user, unnoticed.
 * Whoever uses that successor outside the seconds of the other is caught, so a thief has to hit them every single time,
 * and the first miss ends the family. This memory is that of one process; several need the same process for the same
 * cookie, or a store that they share.
 */
function createRefreshOnce(client: OAuthClient): (presented: string, wish: Wish) => Promise<TokenEndpointResponse> {
  const bounds = { max: 10_000, ttl: GRACE_MILLISECONDS }
  const answers = new LRUCache<string, Promise<TokenEndpointResponse>>(bounds)
  /** By the hash of a refresh token: the question that it was the answer to. */
  const questions = new LRUCache<string, string>(bounds)

  return (presented, wish) => {
    const token = digest(presented)
    const question = `${token} ${JSON.stringify(wish)}`
    const remembered = answers.get(question)
    if (remembered !== undefined) return remembered

    const arrived = questions.get(token)
    if (arrived !== undefined) answers.delete(arrived)
    const answer = client.refresh(presented, wish)
    answers.set(question, answer)
    answer.then(
      ({ refresh_token }) => {
        if (refresh_token !== undefined) questions.set(digest(refresh_token), question)
      },
      () => answers.delete(question),
    )
    return answer
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

function refreshTokenOf(req: Request): string | undefined {
  return parseCookie(req.headers.cookie ?? '')[COOKIE]
}

/** One text of the form that was sent; a repeated one is not one. */
function textOf(req: Request, name: string): string | undefined {
  const form = req.body as Record<string, unknown> | undefined // express.urlencoded makes it
  const value = form?.[name]
  return typeof value === 'string' ? value : undefined
}

import cors from 'cors'
import express, { type CookieOptions, type ErrorRequestHandler, type Express, type Request } from 'express'
import helmet from 'helmet'
import type { Origins } from './stage/addresses.js'
import type { Note } from './stage/journal.js'
import { answerTo } from './error-answer.js'
import { GrantEnded, type OAuthClient } from './oauth-client.js'
import { onlyFrom } from './only-from.js'
import { readCookie } from './read-cookie.js'
import { createRefreshOnce } from './refresh-once.js'
import { createSeal } from './seal.js'

/**
 * `__Host-` holds the browser to it: Secure, for every path of this host, set by this host and by no other. A sibling such
 * as careless.a.localhost can neither read nor plant it. `Http-` adds: by a header, and not by a script (RFC 10017 §6.1.3.2
 * asks for the prefix; a browser that knows the first alone keeps to that).
 */
const COOKIE = '__Host-Http-refresh'

const cookieAttributes: CookieOptions = {
  // No script reads it.
  httpOnly: true,
  secure: true,
  // It does not come along with what a page of another site causes.
  sameSite: 'strict',
  // The prefix asks for both: every path, and no Domain.
  path: '/',
}

export interface TokenHandlerOptions {
  readonly origins: Origins
  readonly client: OAuthClient
  readonly note: Note
  /** How long the provider lets a refresh token live. */
  readonly refreshTokenSeconds: number
  /** Seals what the cookie holds, so that no refresh token lies on the user's disk. */
  readonly secret: string
}

/**
 * The renewal desk: a token endpoint for one single-page app, that keeps the refresh token to itself. The page gets the
 * access token; the refresh token travels in a cookie that only this host receives and no script can read.
 */
export function createTokenHandler(options: TokenHandlerOptions): Express {
  const { origins, client, note, refreshTokenSeconds, secret } = options
  const renewals = createRefreshOnce(client)
  const seal = createSeal(secret, COOKIE)
  const keep = { ...cookieAttributes, maxAge: refreshTokenSeconds * 1000 }
  const refreshTokenOf = (req: Request): string | undefined => seal.open(readCookie(req, COOKIE))

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
    const before = refreshTokenOf(req)
    const { refresh_token, ...forThePage } = await client.redeemFor({
      code: textOf(req, 'code') ?? '',
      code_verifier: textOf(req, 'code_verifier') ?? '',
      redirect_uri: `${origins.app}/`,
    })
    // Who signs in anew leaves what was there before.
    if (before !== undefined) await renewals.end(before).catch(() => undefined)
    if (refresh_token !== undefined) res.cookie(COOKIE, seal.close(refresh_token), keep)
    note({
      from: 'auth',
      to: 'app',
      text: 'Access and ID token to the page, refresh token into a cookie.',
      outcome: 'done',
    })
    res.json(forThePage)
  })

  /** Silent refresh. The cookie is replaced: the provider rotates. */
  app.post('/session/refresh', async (req, res) => {
    const presented = refreshTokenOf(req)
    if (presented === undefined) {
      res.status(401).json({ error: 'sign_in_required' })
      return
    }
    try {
      const wish = { scope: textOf(req, 'scope'), resource: textOf(req, 'resource') }
      const { refresh_token, ...forThePage } = await renewals.refresh(presented, wish)
      if (refresh_token !== undefined) res.cookie(COOKIE, seal.close(refresh_token), keep)
      note({
        from: 'auth',
        to: 'app',
        text: 'A new access token to the page, a new refresh token into the cookie.',
        outcome: 'done',
      })
      res.json(forThePage)
    } catch (error) {
      if (error instanceof GrantEnded) {
        note({ from: 'auth', to: 'app', text: 'This refresh token is void. Sign in again.', outcome: 'refused' })
        res.clearCookie(COOKIE, cookieAttributes)
      }
      throw error
    }
  })

  /** Sign-out here; the page then leads to the provider's own sign-out. It says who could not be told. */
  app.delete('/session', async (req, res) => {
    // The browser first: what follows may fail.
    res.clearCookie(COOKIE, cookieAttributes)
    const presented = refreshTokenOf(req)
    const end = presented === undefined ? Promise.resolve() : renewals.end(presented)
    const isTold = await end.then(
      () => true,
      () => false,
    )
    note({ from: 'auth', to: 'idp', text: 'The refresh token is revoked, and its cookie deleted.', outcome: 'done' })
    res.json({ notTold: isTold ? [] : ['provider'] })
  })

  const answerError: ErrorRequestHandler = (thrown: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(thrown)
      return
    }
    const { status, error } = answerTo(thrown)
    res.status(status).json({ error })
  }
  app.use(answerError)
  return app
}

/** One text of the form that was sent; a repeated one is not one. */
function textOf(req: Request, name: string): string | undefined {
  const form = req.body as Record<string, unknown> | undefined // express.urlencoded makes it
  const value = form?.[name]
  return typeof value === 'string' ? value : undefined
}

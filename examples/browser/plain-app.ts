import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import session from 'express-session'
import { createMemorySessions } from './bff/memory-sessions.js'
import { SESSION_COOKIE, sessionCookie } from './bff/session-cookie.js'
import { SessionStore } from './bff/session-store.js'
import { SESSION_SECONDS } from './bff/sessions.js'
import { answerTo } from './error-answer.js'
import { onlyFrom } from './only-from.js'
import { readCookie } from './read-cookie.js'
import { securityHeaders } from './security-headers.js'
import type { Origins } from './stage/addresses.js'
import type { Journal } from './stage/journal.js'
import { pages } from './stage/pages.js'
import { secureOnLocalhost } from './stage/secure-on-localhost.js'

declare module 'express-session' {
  interface SessionData {
    /** Who signed in here. It decides what they may do: the orders below are theirs. */
    user?: string
  }
}

const orders: Readonly<Record<string, readonly string[]>> = { ada: ['a passport cover'], bea: ['a suitcase'] }

/**
 * A plain session: one server that signs users in, keeps their data and renders nothing for others. Between it and its own
 * page there is nothing to delegate, so there is no token: a cookie names the session, and the session is the auth.
 *
 * It asks for no password, as the passport office of this example. Yours does, with a limit on attempts.
 */
export function createPlainApp({ plain }: Origins, { note, answer }: Journal, secret: string): Express {
  const app = express()
  app.use(securityHeaders({}))
  app.use(pages('plain'))
  app.get('/journal', answer)
  app.use((_req, res, next) => {
    res.set('cache-control', 'no-store')
    next()
  })
  // Every route, the sign-in as well: who can sign you in as themselves reads what you write there (login CSRF).
  app.use(
    onlyFrom(plain, 'same-origin', (by) => {
      note({ from: 'plain', to: 'evil', text: `A request caused by ${by}: refused.`, outcome: 'refused' })
    }),
  )
  app.use(secureOnLocalhost)
  app.use((req, _res, next) => {
    // express-session would take the first of several.
    readCookie(req, SESSION_COOKIE)
    next()
  })
  app.use(
    session({
      name: SESSION_COOKIE,
      secret,
      store: new SessionStore(createMemorySessions()),
      cookie: { ...sessionCookie, maxAge: SESSION_SECONDS * 1000 },
      saveUninitialized: false,
      resave: false,
    }),
  )

  app.post('/sign-in', express.json({ limit: '1kb' }), async (req, res) => {
    const { user } = (req.body ?? {}) as { user?: unknown } // JSON of anybody's
    if (typeof user !== 'string' || !Object.hasOwn(orders, user)) {
      res.status(400).json({ error: 'invalid_request' })
      return
    }
    // A new id at every sign-in: whoever knew the old one knows nothing (session fixation).
    await settled((done) => req.session.regenerate(done))
    req.session.user = user
    note({ from: 'plain', to: 'plain', text: `A new session, for ${user}.`, outcome: 'done', user })
    res.json({ user })
  })

  app.get('/me', ({ session: { user } }, res) => {
    res.json(user === undefined ? {} : { user })
  })

  app.get('/orders', ({ session: { user } }, res) => {
    const mine = user === undefined ? undefined : orders[user]
    note({
      from: 'plain',
      to: 'plain',
      text: `GET /orders: ${mine === undefined ? '401. No session.' : '200.'}`,
      outcome: mine === undefined ? 'refused' : 'done',
      user,
    })
    if (mine === undefined) res.status(401).json({ error: 'sign_in_required' })
    else res.json({ orders: mine, for: user })
  })

  app.post('/sign-out', async (req, res) => {
    res.clearCookie(SESSION_COOKIE, sessionCookie)
    await end(req)
    note({ from: 'plain', to: 'plain', text: 'The session is deleted. The cookie names nothing now.', outcome: 'done' })
    res.json({})
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

function end({ session: mine }: Request): Promise<void> {
  return settled((done) => mine.destroy(done))
}

function settled(work: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => {
      if (error === undefined || error === null) resolve()
      else reject(new Error('The session store does not answer.', { cause: error }))
    })
  })
}

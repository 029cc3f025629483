import express, { type ErrorRequestHandler, type Express } from 'express'
import session from 'express-session'
import { GrantEnded, type OAuthClient } from '../oauth-client.js'
import { onlyFrom } from '../only-from.js'
import { securityHeaders } from '../security-headers.js'
import type { Origins } from '../stage/addresses.js'
import type { Journal } from '../stage/journal.js'
import { pages } from '../stage/pages.js'
import { secureOnLocalhost } from '../stage/secure-on-localhost.js'
import { proxyApi } from './api-proxy.js'
import { wrongDocuments } from './demonstration.js'
import { createSessionTokens, type SessionTokens } from './session-tokens.js'
import { SESSION_COOKIE, sessionCookie } from './session-cookie.js'
import type { SessionStore } from './session-store.js'
import { signInRoutes } from './sign-in.js'
import { backChannelLogout, signOut } from './sign-out.js'

const SESSION_SECONDS = 8 * 3600

export interface BffOptions {
  readonly origins: Origins
  readonly client: OAuthClient
  readonly sessions: SessionStore
  /** Signs the session cookie. */
  readonly secret: string
  readonly journal: Journal
}

/** What the parts of the BFF share. */
export interface BffContext extends BffOptions {
  readonly tokens: SessionTokens
}

/**
 * The guide: signs the user in, keeps every token on the server and calls the API itself. The browser holds one cookie
 * that names a session. The session is the auth.
 */
export function createBff(options: BffOptions): Express {
  const { origins, client, sessions, secret, journal } = options
  const context: BffContext = { ...options, tokens: createSessionTokens(client, sessions) }

  const app = express()
  app.use(securityHeaders({}))
  app.use(pages('bff'))
  app.get('/journal', journal.stream)
  app.use((_req, res, next) => {
    res.set('cache-control', 'no-store')
    next()
  })
  app.post('/back-channel-logout', express.urlencoded({ extended: false, limit: '8kb' }), backChannelLogout(context))

  app.use(secureOnLocalhost)
  app.use(
    session({
      name: SESSION_COOKIE,
      secret,
      store: sessions.store,
      cookie: { ...sessionCookie, maxAge: SESSION_SECONDS * 1000 },
      // Nobody has a session before they sign in, and only the sign-in writes one.
      saveUninitialized: false,
      resave: false,
    }),
  )
  app.use(signInRoutes(context))

  // From here on: requests of our own page, and of no other.
  app.use(
    onlyFrom(origins.bff, 'same-origin', (by) => {
      journal.note({ from: 'bff', to: 'evil', text: `A request caused by ${by}: refused.`, outcome: 'refused' })
    }),
  )
  app.get('/me', (req, res) => {
    const { signedIn } = req.session
    // Which documents there are, and until when. Never the documents.
    if (signedIn === undefined) res.json({ signedIn: false })
    else res.json({ signedIn: true, name: signedIn.name, visaExpiresAt: signedIn.expiresAt })
  })
  app.post('/sign-out', signOut(context))
  app.use('/api', express.raw({ type: () => true, limit: '100kb' }), proxyApi(context))
  app.post('/demonstration/:document', wrongDocuments(context))
  app.use(answerError)
  return app
}

const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) next(error)
  else if (error instanceof GrantEnded) res.status(401).json({ error: 'sign_in_required' })
  // The provider or the API does not answer. That says nothing about the user, who stays signed in.
  else res.status(503).json({ error: 'try_again' })
}

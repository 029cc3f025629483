import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import session from 'express-session'
import { answerTo } from '../error-answer.js'
import { onlyFrom } from '../only-from.js'
import { readCookie } from '../read-cookie.js'
import { securityHeaders } from '../security-headers.js'
import { pages } from '../stage/pages.js'
import { secureOnLocalhost } from '../stage/secure-on-localhost.js'
import { proxyApi } from './api-proxy.js'
import type { BffContext, BffOptions } from './context.js'
import { wrongDocuments } from './demonstration.js'
import { createSessionTokens } from './session-tokens.js'
import { SESSION_COOKIE, sessionCookie } from './session-cookie.js'
import { SessionStore } from './session-store.js'
import { SESSION_SECONDS } from './sessions.js'
import { beginSignIn, finishSignIn } from './sign-in.js'
import { backChannelLogout, signOut } from './sign-out.js'

/**
 * The guide: signs the user in, keeps every token on the server and calls the API itself. The browser holds one cookie
 * that names a session. The session is the auth.
 */
export function createBff(options: BffOptions): Express {
  const { origins, client, sessions, secret, journal } = options
  const context: BffContext = { ...options, tokens: createSessionTokens(client, sessions) }
  const withSession = session({
    name: SESSION_COOKIE,
    secret,
    store: new SessionStore(sessions),
    cookie: { ...sessionCookie, maxAge: SESSION_SECONDS * 1000 },
    // Nobody has a session before they sign in, and only the sign-in writes one.
    saveUninitialized: false,
    resave: false,
  })

  const app = express()
  app.use(onlyPaths)
  app.use(securityHeaders({}))
  app.use(pages('bff'))
  app.get('/journal', journal.answer)
  app.use((_req, res, next) => {
    res.set('cache-control', 'no-store')
    next()
  })
  app.post('/back-channel-logout', express.urlencoded({ extended: false, limit: '8kb' }), backChannelLogout(context))

  app.use(secureOnLocalhost)
  app.use((req, _res, next) => {
    // express-session would take the first of several.
    readCookie(req, SESSION_COOKIE)
    next()
  })
  // The one request of ours that begins elsewhere: at the provider.
  app.get('/signed-in', withSession, finishSignIn(context))

  // From here on: requests of our own page, and of no other.
  app.use(
    onlyFrom(origins.bff, 'same-origin', (by) => {
      journal.note({ from: 'bff', to: 'evil', text: `A request caused by ${by}: refused.`, outcome: 'refused' })
    }),
  )
  app.post('/sign-out', signOut(context, withSession))
  app.use(withSession)
  app.post('/sign-in', beginSignIn(context))
  app.get('/me', (req, res) => {
    const { signedIn } = req.session
    // Which documents there are, and until when. Never the documents.
    if (signedIn === undefined) res.json({ signedIn: false })
    else res.json({ signedIn: true, name: signedIn.name, visaExpiresAt: signedIn.expiresAt })
  })
  app.use('/api', express.raw({ type: () => true, limit: '100kb' }), proxyApi(context))
  app.post('/demonstration/:document', wrongDocuments(context))
  app.use(answerError)
  return app
}

/** A request target may name a scheme and a host (RFC 9112 §3.2.2), and Express leaves them in `req.url`. None of ours does. */
const onlyPaths: RequestHandler = (req, res, next) => {
  if (req.url.startsWith('/')) next()
  else res.status(400).json({ error: 'invalid_request' })
}

const answerError: ErrorRequestHandler = (thrown: unknown, _req, res, next) => {
  if (res.headersSent) {
    next(thrown)
    return
  }
  const { status, error } = answerTo(thrown)
  res.status(status).json({ error })
}

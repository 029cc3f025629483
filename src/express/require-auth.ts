import type { Request, RequestHandler, Response } from 'express'
import { ConfigurationError } from '../errors.js'
import { isPending, type Eventual } from '../lib/eventual.js'
import { createAuthenticator, type Authenticator } from '../authenticator.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import { warnOnce } from '../warnings.js'
import { afterwards } from './afterwards.js'
import type { Middleware } from './middleware.js'
import { isBrandNew, noteCreation } from '../resource-server/note-creation.js'
import type { RequireAuthOptions } from './options.js'
import { declareProtection } from './protection.js'
import { dropAuthentication, findRecord, keepAuthentication } from './request-record.js'
import { createRefuser, type Refuser } from './send-refusal.js'

/** An authenticator with the way in which it says no. */
export interface Parts {
  readonly authenticator: Authenticator
  readonly refuser: Refuser
}

/** Settles the options once. */
export function createParts(options: RequireAuthOptions, name: string): Parts {
  checkCall(options, name)
  const authenticator = createAuthenticator(options)
  noteCreation(authenticator, options)
  return { authenticator, refuser: createRefuser(options, authenticator.callbackTimeoutSeconds) }
}

/**
 * Lets a request through when it presents a valid access token for this API, and answers every other: without a token 401,
 * with a bad one 401, with malformed credentials 400, and 503 when it cannot be told. Sets `req.auth`.
 *
 * This does NOT decide what the token may do: add {@link requireScope} or another guard to the routes. It does not read
 * tokens from the query, the body or cookies.
 *
 * @example
 *   app.use(requireAuth({ issuer: 'https://login.example.com', audience: 'https://api.example.com' }))
 *
 * @param options - Without them, `OAUTH_ISSUER` and `OAUTH_AUDIENCE` are read.
 * @throws {ConfigurationError} At start-up, when something is missing, unknown or contradictory.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750 | RFC 6750}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 | RFC 9068 §4}
 */
export function requireAuth(options: RequireAuthOptions = {}): Middleware {
  return createRequireAuth(createParts(options, 'requireAuth'))
}

/**
 * Like {@link requireAuth}, but lets a request without credentials through, anonymous: `findAuth(req)` is undefined then. What
 * is presented must be good all the same: a bad token is 401, never anonymous.
 *
 * A guard behind it answers 401 to an anonymous request.
 *
 * @example
 *   app.get('/articles', optionalAuth(), (req, res) => res.json(articlesFor(findAuth(req)?.subject)))
 */
export function optionalAuth(options: RequireAuthOptions = {}): Middleware {
  return createOptionalAuth(createParts(options, 'optionalAuth'))
}

export function createRequireAuth(parts: Parts): Middleware {
  const middleware = createMiddleware(parts, (req) => parts.authenticator.authenticate(req, findRecord(req)?.resource))
  return declareProtection(middleware, () => ({ description: 'requireAuth()', isProtected: true }))
}

export function createOptionalAuth(parts: Parts): Middleware {
  const middleware = createMiddleware(parts, (req) =>
    parts.authenticator.authenticateIfPresented(req, findRecord(req)?.resource),
  )
  return declareProtection(middleware, () => ({ description: 'optionalAuth()', isProtected: false }))
}

function createMiddleware(
  { authenticator, refuser }: Parts,
  judge: (req: Request) => Eventual<VerifiedToken | undefined>,
): RequestHandler {
  return function auth(req, res, next) {
    if (isBrandNew(authenticator)) warnOnce('ERS_PER_REQUEST')
    let verdict: Eventual<VerifiedToken | undefined>
    try {
      verdict = judge(req)
      if (!isPending(verdict)) keepAuthentication(req, { authenticator, refuser, verified: verdict })
    } catch (error) {
      dropAuthentication(req)
      refuser(error, req, res, next)
      return
    }
    // Outside the `try`, and on after `keepAuthentication`: an error of what comes later is not a refusal of ours.
    if (isPending(verdict)) {
      dropAuthentication(req)
      afterwards(verdict, {
        fulfilled: (verified) => {
          keepAuthentication(req, { authenticator, refuser, verified })
          if (verified?.nonce !== undefined) giveNonce(verified.nonce, res)
          next()
        },
        rejected: (error) => {
          refuser(error, req, res, next)
        },
        next,
      })
    } else next()
  }
}

/** RFC 9449 §8.2: in time, and not to be stored with the answer. A handler may say better how that is to be kept. */
function giveNonce(nonce: string, res: Response): void {
  if (res.headersSent) return
  res.setHeader('DPoP-Nonce', nonce)
  res.setHeader('Cache-Control', 'no-store')
}

function checkCall(options: unknown, name: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
    if (!('rawHeaders' in options) && !('socket' in options)) return
    throw new ConfigurationError(`${name} was mounted without being called: write app.use(${name}()).`)
  }
  throw new ConfigurationError(`${name}() takes an object of options, or nothing.`)
}

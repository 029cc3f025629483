import type { CookieOptions, Request, RequestHandler, Response } from 'express'
import * as oauth from 'oauth4webapi'
import { parseCookie } from 'cookie'
import { readCookie } from '../read-cookie.js'
import { createSeal } from '../seal.js'
import { audiences, requestedScope } from '../stage/addresses.js'
import type { BffContext } from './context.js'
import { linksOf, signedInFrom } from './session-tokens.js'

/**
 * Carries nonce and PKCE verifier to the provider and back, and ties the answer to this browser: one cookie for each
 * sign-in, named after its state, so that two tabs may sign in at once. The way back begins on the provider's site, where a
 * Strict cookie stays behind; so this one is Lax, and good for one sign-in.
 */
const SIGN_IN_COOKIE = '__Host-Http-sign-in-'
const signInCookie: CookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' }
const SIGN_IN_SECONDS = 300
/** Sign-ins of one browser that were begun and not finished. */
const MOST_AT_ONCE = 5

const nameOf = (state: string): string => `${SIGN_IN_COOKIE}${state.slice(0, 16)}`

interface SignInRecord {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  /** The session that this browser had. Its Strict cookie does not come along on the way back. */
  readonly before?: string
}

/**
 * Authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636), of a confidential client. It is begun by a request of our own
 * page, and the page then goes where the answer says: a link or an image of somebody else's begins nothing.
 */
export function beginSignIn({ origins, client, secret }: BffContext): RequestHandler {
  const seal = createSeal(secret, SIGN_IN_COOKIE)
  return async (req, res) => {
    const { authorization_endpoint: endpoint = '' } = await client.provider()
    const state = oauth.generateRandomState()
    const nonce = oauth.generateRandomNonce()
    const codeVerifier = oauth.generateRandomCodeVerifier()
    const question = new URLSearchParams({
      client_id: client.client.client_id,
      response_type: 'code',
      redirect_uri: `${origins.bff}/signed-in`,
      scope: requestedScope,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    })
    for (const audience of Object.values(audiences)) question.append('resource', audience)
    const before = req.session.signedIn === undefined ? {} : { before: req.sessionID }
    const record: SignInRecord = { state, nonce, codeVerifier, ...before }
    forgetOldest(req, res)
    res.cookie(nameOf(state), seal.close(JSON.stringify(record)), { ...signInCookie, maxAge: SIGN_IN_SECONDS * 1000 })
    res.json({ continueAt: `${endpoint}?${question.toString()}` })
  }
}

/** Comes back from the provider, and ends in a redirect to the page. */
export function finishSignIn({ origins, client, sessions, tokens, secret, journal }: BffContext): RequestHandler {
  const seal = createSeal(secret, SIGN_IN_COOKIE)

  /** Undefined where this browser did not ask for it: somebody else's code is not redeemed. */
  function recordOf(req: Request, state: string): SignInRecord | undefined {
    const text = seal.open(readCookie(req, nameOf(state)))
    if (text === undefined) return undefined
    const record = JSON.parse(text) as SignInRecord // nobody else can seal
    return record.state === state ? record : undefined
  }

  return async (req, res) => {
    const url = new URL(req.originalUrl, origins.bff)
    const state = url.searchParams.get('state') ?? ''
    const record = recordOf(req, state)
    if (record === undefined) {
      res.redirect('/?error=no_sign_in_under_way')
      return
    }
    res.clearCookie(nameOf(state), signInCookie)
    try {
      const parameters = oauth.validateAuthResponse(await client.provider(), client.client, url, state)
      const { nonce, codeVerifier, before } = record
      const proof = { redirectUri: `${origins.bff}/signed-in`, nonce, codeVerifier }
      const signedIn = signedInFrom(await client.redeem(parameters, proof))
      // Who signs in anew leaves what was there before.
      if (before !== undefined) await tokens.leave(before)
      await renewSessionId(req)
      const { session, sessionID } = req
      session.signedIn = signedIn
      // Linked first: when the provider ends its session meanwhile, the link is gone, and nothing may be left of this one.
      const links = linksOf(signedIn)
      for (const name of links) await sessions.link(name, sessionID)
      await settled((done) => session.save(done))
      const known = await Promise.all(links.map((name) => sessions.linked(name)))
      if (!known.every((sessionIds) => sessionIds.includes(sessionID))) {
        await tokens.leave(sessionID)
        throw new Error('The provider ended the session.')
      }
    } catch {
      res.redirect('/?error=sign_in_failed')
      return
    }
    const text = 'The tokens stay with me. Here is your session cookie.'
    journal.note({ from: 'bff', to: 'app', text, outcome: 'done', user: req.session.signedIn?.name })
    res.redirect('/')
  }
}

/** A browser sends the oldest first. */
function forgetOldest(req: Request, res: Response): void {
  const pending = Object.keys(parseCookie(req.headers.cookie ?? '')).filter((name) => name.startsWith(SIGN_IN_COOKIE))
  for (const name of pending.slice(0, Math.max(0, pending.length - MOST_AT_ONCE + 1))) {
    res.clearCookie(name, signInCookie)
  }
}

/** A new session with a new id, whatever cookie came along. */
function renewSessionId({ session }: Request): Promise<void> {
  return settled((done) => session.regenerate(done))
}

function settled(work: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => {
      if (error === undefined || error === null) resolve()
      else reject(new Error('The session store does not answer.', { cause: error }))
    })
  })
}

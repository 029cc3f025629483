import { parseCookie } from 'cookie'
import { Router, type CookieOptions, type RequestHandler } from 'express'
import * as oauth from 'oauth4webapi'
import { audiences, requestedScope } from '../stage/addresses.js'
import type { BffContext } from './bff.js'
import { signedInFrom } from './session-tokens.js'

/**
 * Carries state, nonce and PKCE verifier to the provider and back, and ties the answer to this browser. The way back
 * begins on the provider's site, where a Strict cookie stays behind; so this one is Lax, and good for one sign-in.
 */
const SIGN_IN_COOKIE = '__Host-sign-in'
const signInCookie: CookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' }
const SIGN_IN_SECONDS = 300

/** Authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9207), of a confidential client. */
export function signInRoutes(context: BffContext): Router {
  const router = Router()
  router.get('/sign-in', begin(context))
  router.get('/signed-in', finish(context))
  return router
}

function begin({ origins, client, tokens }: BffContext): RequestHandler {
  return async (req, res) => {
    // Who signs in anew leaves what was there before.
    await tokens.end(req.sessionID)
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
    const value = [state, nonce, codeVerifier].join('.')
    res.cookie(SIGN_IN_COOKIE, value, { ...signInCookie, maxAge: SIGN_IN_SECONDS * 1000 })
    res.redirect(`${endpoint}?${question.toString()}`)
  }
}

function finish({ origins, client, sessions, journal }: BffContext): RequestHandler {
  return async (req, res) => {
    const [state, nonce, codeVerifier] = parseCookie(req.headers.cookie ?? '')[SIGN_IN_COOKIE]?.split('.') ?? []
    res.clearCookie(SIGN_IN_COOKIE, signInCookie)
    // Without the cookie this browser did not ask for it: somebody else's code is not redeemed.
    if (state === undefined || nonce === undefined || codeVerifier === undefined) {
      res.redirect('/?error=no_sign_in_under_way')
      return
    }
    try {
      const url = new URL(req.originalUrl, origins.bff)
      const parameters = oauth.validateAuthResponse(await client.provider(), client.client, url, state)
      const proof = { redirectUri: `${origins.bff}/signed-in`, nonce, codeVerifier }
      const signedIn = signedInFrom(await client.redeem(parameters, proof))
      await renewSessionId(req)
      req.session.signedIn = signedIn
      await sessions.link(signedIn.sid, req.sessionID)
    } catch {
      res.redirect('/?error=sign_in_failed')
      return
    }
    journal.note({ from: 'bff', to: 'app', text: 'The documents stay with me. Here is your ticket.', outcome: 'done' })
    res.redirect('/')
  }
}

/** A new session with a new id, whatever cookie came along. */
function renewSessionId({ session }: Parameters<RequestHandler>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    session.regenerate((error: unknown) => {
      if (error === undefined || error === null) resolve()
      else reject(new Error('The session could not be renewed.', { cause: error }))
    })
  })
}

import type { RequestHandler } from 'express'
import type { BffContext } from './bff.js'
import { createLogoutTokenReader } from './logout-token.js'
import { SESSION_COOKIE, sessionCookie } from './session-cookie.js'

/** Ends the session here, and tells the page where the one at the provider is ended (OpenID Connect RP-Initiated Logout). */
export function signOut({ origins, client, tokens, journal }: BffContext): RequestHandler {
  return async (req, res) => {
    const { signedIn } = req.session
    await tokens.end(req.sessionID)
    res.clearCookie(SESSION_COOKIE, sessionCookie)
    journal.note({ from: 'bff', to: 'app', text: 'Your ticket is void, the documents are destroyed.', outcome: 'done' })
    // It is over here, whether or not the provider can be told.
    if (signedIn !== undefined) await client.revoke(signedIn.refreshToken).catch(() => undefined)
    const { end_session_endpoint: end } = await client.provider()
    // Named by its client id and not by `id_token_hint`: a URL is a place where the browser would see the ID token.
    const question = new URLSearchParams({
      client_id: client.client.client_id,
      post_logout_redirect_uri: `${origins.bff}/`,
    })
    res.json({ continueAt: end === undefined ? '/' : `${end}?${question.toString()}` })
  }
}

/** Ends the session because the provider says so (OpenID Connect Back-Channel Logout §2.5). No browser is involved. */
export function backChannelLogout({ client, sessions, tokens, journal }: BffContext): RequestHandler {
  const readLogoutToken = createLogoutTokenReader(client)
  return async (req, res) => {
    const { logout_token: token } = (req.body ?? {}) as { logout_token?: unknown } // a form, or nothing
    let sid: string
    try {
      sid = await readLogoutToken(typeof token === 'string' ? token : '')
    } catch {
      journal.note({ from: 'bff', to: 'idp', text: 'A sign-out without proof: refused.', outcome: 'refused' })
      res.status(400).json({ error: 'invalid_request' })
      return
    }
    const sessionId = await sessions.unlink(sid)
    if (sessionId !== undefined) await tokens.end(sessionId)
    journal.note({ from: 'bff', to: 'idp', text: 'You ended the session, so did I.', outcome: 'done' })
    res.status(204).end()
  }
}

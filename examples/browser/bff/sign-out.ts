import type { RequestHandler } from 'express'
import type { BffContext } from './context.js'
import { createLogoutTokenReader, type LogoutToken } from './logout-token.js'
import { SESSION_COOKIE, sessionCookie } from './session-cookie.js'
import { linkOfSid, linkOfSubject, type NotTold } from './session-tokens.js'

/**
 * Ends the session here, and tells the page where the one at the provider is ended (OpenID Connect RP-Initiated Logout).
 * The browser's cookie goes first; then each part is told that can be, within its deadline, and the answer names the others.
 *
 * @param withSession - Loads the session. Sign-out goes on without it: the store may be what is down.
 */
export function signOut({ origins, client, tokens, journal }: BffContext, withSession: RequestHandler): RequestHandler {
  return async (req, res) => {
    res.clearCookie(SESSION_COOKIE, sessionCookie)
    await new Promise((resolve) => {
      void withSession(req, res, resolve)
    })
    const notTold = new Set<NotTold>(await tokens.leave(req.sessionID))
    const end = await client.provider().then(
      (provider) => provider.end_session_endpoint,
      () => void notTold.add('provider'),
    )
    // Named by its client id and not by `id_token_hint`: a URL is a place where the browser would see the ID token.
    const question = new URLSearchParams({
      client_id: client.client.client_id,
      post_logout_redirect_uri: `${origins.bff}/`,
    })
    journal.note({ from: 'bff', to: 'app', text: 'Your session is over, the tokens are destroyed.', outcome: 'done' })
    res.json({ continueAt: end === undefined ? '/' : `${end}?${question.toString()}`, notTold: [...notTold] })
  }
}

/** Ends sessions because the provider says so (OpenID Connect Back-Channel Logout §2.5). No browser is involved. */
export function backChannelLogout({ client, tokens, journal }: BffContext): RequestHandler {
  const readLogoutToken = createLogoutTokenReader(client)
  return async (req, res) => {
    const { logout_token: token } = (req.body ?? {}) as { logout_token?: unknown } // a form, or nothing
    const said: LogoutToken | undefined = await readLogoutToken(typeof token === 'string' ? token : '')
    if (said === undefined) {
      journal.note({ from: 'bff', to: 'idp', text: 'A sign-out without proof: refused.', outcome: 'refused' })
      res.status(400).json({ error: 'invalid_request' })
      return
    }
    await tokens.endLinked(said.sid === undefined ? linkOfSubject(said.sub ?? '') : linkOfSid(said.sid))
    // What failed may be said again.
    said.done()
    journal.note({ from: 'bff', to: 'idp', text: 'You ended the session, so did I.', outcome: 'done' })
    res.status(200).end()
  }
}

import type { RequestHandler } from 'express'
import { loopbackFetch } from '../stage/loopback-fetch.js'
import type { BffContext } from './bff.js'

/**
 * Passes what the page asks on to the API, with the access token of its session: to this one origin, and to no other
 * address that a request could name.
 */
export function proxyApi({ origins, tokens }: BffContext): RequestHandler {
  return async (req, res) => {
    const { method, url, session, sessionID } = req
    const body = Buffer.isBuffer(req.body) && req.body.length > 0 ? new Uint8Array(req.body) : null
    const call = (token: string): Promise<Response> => {
      const headers = new Headers({ authorization: `Bearer ${token}` })
      const contentType = req.get('content-type')
      if (contentType !== undefined && body !== null) headers.set('content-type', contentType)
      return loopbackFetch(`${origins.api}${url}`, { method, headers, body })
    }
    const token = await tokens.accessToken(sessionID, session)
    const first = await call(token)
    // Clocks may differ and keys be withdrawn: one renewal, and the user does not notice.
    const answer = first.status === 401 ? await call(await tokens.insteadOf(sessionID, token)) : first
    res.status(answer.status)
    res.type(answer.headers.get('content-type') ?? 'application/octet-stream')
    res.send(Buffer.from(await answer.arrayBuffer()))
  }
}

import type { RequestHandler } from 'express'
import type { Wish } from '../oauth-client.js'
import { audiences, hourAgoScope, reportsScope } from '../stage/addresses.js'
import { loopbackFetch } from '../stage/loopback-fetch.js'
import type { BffContext } from './context.js'

const wishes: Readonly<Record<string, Wish>> = {
  'another-audience': { resource: audiences.reports, scope: reportsScope },
  'without-scope': { scope: 'orders:write' },
  expired: { scope: `orders:read ${hourAgoScope}` },
}

/** For the board: shows border control the wrong document and passes its answer on. No application needs this. */
export function wrongDocuments({ origins, tokens }: BffContext): RequestHandler {
  return async (req, res) => {
    const { session, sessionID, params } = req
    const name = String(params['document'])
    const wish = Object.hasOwn(wishes, name) ? wishes[name] : undefined
    if (wish === undefined && name !== 'id-token') {
      res.status(404).json({ error: 'no_such_document' })
      return
    }
    const token = wish === undefined ? session.signedIn?.idToken : await tokens.accessTokenFor(sessionID, wish)
    const headers = { authorization: `Bearer ${token ?? ''}` }
    const answer = await loopbackFetch(`${origins.api}/orders`, { headers, signal: AbortSignal.timeout(5000) })
    res
      .status(answer.status)
      .type('application/problem+json')
      .send(await answer.text())
  }
}

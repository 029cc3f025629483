import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { Request, RequestHandler, Response } from 'express'
import type { Journal } from '../stage/journal.js'
import { loopbackFetch } from '../stage/loopback-fetch.js'
import type { BffContext } from './context.js'

/** What the page may ask for (RFC 10017 §6.1.3.6). Nothing of a request's path goes any further than this table. */
const routes: Readonly<Record<string, readonly string[]>> = { '/orders': ['GET', 'POST'] }

/**
 * Passes what the page asks on to the API, with the access token of its session. The address is made of the API's origin
 * and a path of the table; a request adds its query, and no more.
 */
export function proxyApi({ origins, tokens, journal, apiPatienceMilliseconds = 15_000 }: BffContext): RequestHandler {
  return async (req, res) => {
    const { method, path, url, session, sessionID } = req
    if (!isRoute(req, res)) return
    const body = Buffer.isBuffer(req.body) && req.body.length > 0 ? new Uint8Array(req.body) : null
    if (method === 'GET' && body !== null) {
      res.status(400).json({ error: 'invalid_request' })
      return
    }

    const target = new URL(path, origins.api)
    target.search = url.replace(/^[^?]*/, '')
    if (target.origin !== origins.api) throw new Error('An access token goes to its API alone.')
    const closed = new AbortController()
    res.once('close', () => {
      closed.abort()
    })
    const signal = AbortSignal.any([AbortSignal.timeout(apiPatienceMilliseconds), closed.signal])
    const call = (token: string) => {
      const headers = new Headers({ authorization: `Bearer ${token}` })
      const contentType = req.get('content-type')
      if (contentType !== undefined && body !== null) headers.set('content-type', contentType)
      return loopbackFetch(target, { method, headers, body, redirect: 'manual', signal })
    }

    const token = await tokens.accessToken(sessionID, session)
    let answer = await call(token)
    if (answer.status === 401) {
      // Clocks may differ and keys be withdrawn: one renewal, and the user does not notice.
      await answer.body?.cancel()
      answer = await call(await tokens.insteadOf(sessionID, token))
    }
    writeDown(journal, req, answer.status)
    res.status(answer.status)
    res.type(answer.headers.get('content-type') ?? 'application/octet-stream')
    // Node declares its web streams twice; they are the same.
    const content =
      answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body as ReadableStream<Uint8Array>)
    // An answer that breaks off ends the connection: the page sees that it is not whole.
    await pipeline(content, res).catch(() => undefined)
  }
}

/** For the board. */
function writeDown({ note }: Journal, { method, path, session }: Request, status: number): void {
  const text = `${method} ${path}, asked with the access token of this session: ${String(status)}.`
  note({ from: 'bff', to: 'app', text, outcome: status < 400 ? 'done' : 'refused', user: session.signedIn?.name })
}

/** Whether the table has it. It answers the request where it has not. */
function isRoute({ method, path }: Request, res: Response): boolean {
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (methods === undefined) res.status(404).json({ error: 'no_such_route' })
  else if (!methods.includes(method)) {
    res.status(405).set('allow', methods.join(', ')).json({ error: 'method_not_allowed' })
  }
  return !res.headersSent
}

import { request as httpRequest } from 'node:http'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'

/** Browsers know that `*.localhost` is this machine (RFC 6761 §6.3). Node asks the resolver, which may not. */
const lookup: LookupFunction = (host, options, callback) => {
  if (!host.endsWith('.localhost')) callback(new Error(`${host} is not on this machine`), '')
  else if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}

/** `fetch` for names below `localhost`, and for nothing else. It does not follow redirects. */
export async function loopbackFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  const body = Buffer.from(await request.arrayBuffer())
  return new Promise((resolve, reject) => {
    const { method, signal } = request
    const headers = { ...Object.fromEntries(request.headers), 'content-length': String(body.length) }
    const outgoing = httpRequest(request.url, { method, headers, signal, lookup }, (incoming) => {
      const { statusCode: status = 502, headersDistinct } = incoming
      const received = new Headers()
      for (const [name, values = []] of Object.entries(headersDistinct)) {
        for (const value of values) received.append(name, value)
      }
      const isEmpty = status === 204 || status === 304
      // Node declares its web streams twice; they are the same.
      const stream = Readable.toWeb(incoming) as ReadableStream<Uint8Array>
      resolve(new Response(isEmpty ? null : stream, { status, headers: received }))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http'
import { Socket } from 'node:net'

/** A request that no parser has seen: any text may be its target. */
export interface DirectRequest {
  readonly method?: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface DirectResponse {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: string
}

/** Calls an app in this process, for tens of thousands of requests, and for targets that a client would tidy. */
export function callApp(
  app: RequestListener,
  { method = 'GET', url, headers = {} }: DirectRequest,
): Promise<DirectResponse> {
  const req = new IncomingMessage(new Socket())
  req.method = method
  req.url = url
  for (const [name, value] of Object.entries(headers)) {
    req.headers[name.toLowerCase()] = value
    req.rawHeaders.push(name, value)
  }
  req.push(null)
  const res = new ServerResponse(req)
  return new Promise((resolve) => {
    let body = ''
    const add = (chunk: unknown): void => {
      if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) body += chunk.toString()
    }
    res.write = ((chunk?: unknown) => {
      add(chunk)
      return true
    }) as ServerResponse['write']
    res.end = ((chunk?: unknown) => {
      add(chunk)
      resolve({ status: res.statusCode, header: (name) => res.getHeader(name)?.toString(), body })
      return res
    }) as ServerResponse['end']
    app(req, res)
  })
}

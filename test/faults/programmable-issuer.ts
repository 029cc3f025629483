import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { listen, stop } from '../kit/server.js'

type Fetch = TestIssuer['options']['fetch']

/** What an endpoint would have answered if nothing were wrong with it. */
export interface Healthy {
  readonly document: Readonly<Record<string, unknown>>
  /** A place that nobody has any business to visit. */
  readonly canary: string
}

/** What an endpoint answers instead. The status is 200 and the media type JSON unless it says otherwise. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Whole, or piece by piece; pieces may come slowly, without end, or never. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>)
}

/** `refuse`: nobody listens. `hang`: the request is taken and nothing ever comes. */
export type Fault = 'refuse' | 'hang' | ((healthy: Healthy) => Answer)

export type Endpoint = 'discovery' | 'jwks'

/** An issuer whose tokens are good and whose endpoints do what they are told. */
export interface ProgrammableIssuer {
  /** Mints tokens, rotates keys and moves the clock. */
  readonly tokens: TestIssuer
  /** What to hand to `requireAuth`. */
  readonly options: TestIssuer['options']
  /** How often each endpoint was asked so far, whether or not it answered, and how often the canary was visited. */
  readonly hits: Readonly<Record<Endpoint | 'canary', number>>
  /** When the key endpoint was asked, in seconds of the issuer's clock. */
  readonly jwksTimes: readonly number[]
  /** The bytes of bodies that were written so far. */
  readonly bytesSent: () => number
  /** From now on an endpoint has this fault; `undefined` heals it. */
  readonly behave: (endpoint: Endpoint, fault: Fault | undefined) => Promise<void>
  /** While it is held, answers of the key endpoint wait until they are let go. */
  readonly hold: () => () => void
  readonly close: () => Promise<void>
}

interface Script {
  readonly tokens: TestIssuer
  readonly hits: Record<Endpoint | 'canary', number>
  readonly jwksTimes: number[]
  readonly faults: Partial<Record<Endpoint, Fault | undefined>>
  bytesSent: number
  held: Promise<void> | undefined
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Makes an issuer that lives in this process: no sockets, for faults that need none. */
export async function createProgrammableIssuer(issuer = 'https://issuer.example.com'): Promise<ProgrammableIssuer> {
  const script = await createScript(issuer)
  const fetch: Fetch = async (url, init) => {
    const endpoint = record(script, url)
    const fault = script.faults[endpoint]
    if (endpoint === 'jwks') await script.held
    if (fault === 'refuse') throw new TypeError('Nobody listens.')
    // Deaf to the signal: the deadline must hold with a fetch that does not keep it.
    if (fault === 'hang') return new Promise(() => undefined)
    const { status = 200, headers, body } = await answerOf(script, url, 'https://canary.example.com/keys')
    if (status >= 300 && status < 400 && init?.redirect !== 'manual') script.hits.canary++
    return new Response(bodyOf(body), { status, headers: { ...JSON_TYPE, ...headers } })
  }
  return control(script, fetch, { switchPower: () => Promise.resolve(), close: () => Promise.resolve() })
}

/** Starts an issuer that listens on loopback, and a canary that listens on another port. */
export async function startProgrammableIssuer(): Promise<ProgrammableIssuer> {
  const canary = createServer((_req, res) => {
    script.hits.canary++
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [] }))
  })
  const trap = urlOf(await listen(canary))
  const server = createServer((req, res) => void serve(script, req, res, trap))
  const port = await listen(server)
  const script = await createScript(urlOf(port))
  const fetch: Fetch = (url, init) => {
    record(script, url)
    return globalThis.fetch(url, init)
  }
  return control(script, fetch, {
    async switchPower(on) {
      if (on && !server.listening) await listen(server, port)
      if (!on && server.listening) await stop(server)
    },
    async close() {
      await Promise.all([stop(canary), server.listening ? stop(server) : undefined])
    },
  })
}

function control(
  script: Script,
  fetch: Fetch,
  { switchPower, close }: { switchPower: (on: boolean) => Promise<void>; close: () => Promise<void> },
): ProgrammableIssuer {
  const { tokens, hits, jwksTimes, faults } = script
  return {
    tokens,
    options: { ...tokens.options, fetch },
    hits,
    jwksTimes,
    bytesSent: () => script.bytesSent,
    async behave(endpoint, fault) {
      faults[endpoint] = fault
      await switchPower(faults.discovery !== 'refuse' && faults.jwks !== 'refuse')
    },
    hold() {
      let release: () => void = () => undefined
      script.held = new Promise((resolve) => {
        release = () => {
          script.held = undefined
          resolve()
        }
      })
      return release
    },
    close,
  }
}

async function createScript(issuer: string): Promise<Script> {
  const hits = { discovery: 0, jwks: 0, canary: 0 }
  const tokens = await createTestIssuer({ issuer, audience: 'https://api.example.com', algorithm: 'ES256' })
  return { tokens, hits, jwksTimes: [], faults: {}, bytesSent: 0, held: undefined }
}

function endpointOf(url: string): Endpoint {
  return url.includes('/.well-known/') ? 'discovery' : 'jwks'
}

function record({ hits, jwksTimes, tokens }: Script, url: string): Endpoint {
  const endpoint = endpointOf(url)
  hits[endpoint]++
  if (endpoint === 'jwks') jwksTimes.push(tokens.options.clock() / 1000)
  return endpoint
}

async function answerOf({ tokens, faults }: Script, url: string, canary: string): Promise<Answer> {
  const response = await tokens.options.fetch(url, {})
  if (!response.ok) return { status: response.status }
  const document = (await response.json()) as Healthy['document'] // the test issuer serves objects only
  const fault = faults[endpointOf(url)]
  return typeof fault === 'function' ? fault({ document, canary }) : { body: JSON.stringify(document) }
}

function bodyOf(body: Answer['body']): ReadableStream | Buffer | null {
  if (body === undefined) return null
  return typeof body === 'function' ? ReadableStream.from(body()) : Buffer.from(body)
}

async function serve(script: Script, req: IncomingMessage, res: ServerResponse, canary: string): Promise<void> {
  const url = new URL(req.url ?? '/', script.tokens.issuer).href
  if (endpointOf(url) === 'jwks') await script.held
  if (script.faults[endpointOf(url)] === 'hang') return
  const { status = 200, headers, body = '' } = await answerOf(script, url, canary)
  res.writeHead(status, { ...JSON_TYPE, ...headers })
  const pieces = typeof body === 'function' ? Readable.from(body(), { highWaterMark: 1 }) : [Buffer.from(body)]
  try {
    // The head goes out at once, also where no body ever follows.
    res.flushHeaders()
    for await (const piece of pieces as AsyncIterable<Uint8Array>) {
      if (res.destroyed) return
      script.bytesSent += piece.byteLength
      if (!res.write(piece)) await Promise.race([once(res, 'drain'), once(res, 'close')])
    }
    res.end()
  } catch {
    // A fault of the table ends its body in the middle.
    res.destroy()
  }
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${String(port)}`
}

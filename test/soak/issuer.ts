import { createServer, type Server, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { listen } from '../kit/server.js'
import { audience } from './settings.js'

/** How an issuer is down. */
export type Fault = 'refused' | '500' | 'hang' | 'drip' | '302' | 'empty' | 'html'

interface PublishedKey {
  readonly publishedAt: number
  readonly withdrawnAt: number
}

/** One key set that left for the API, whole. */
export interface ServedSet {
  readonly at: number
  readonly kids: ReadonlySet<string>
}

export interface Outage {
  readonly fault: Fault
  readonly from: number
  /** Infinity while it lasts. */
  readonly to: number
}

/** What happened to an issuer's keys, and when: all that the oracle goes by. Times are milliseconds since the epoch. */
export interface KeyBook {
  readonly keys: ReadonlyMap<string, PublishedKey>
  readonly served: readonly ServedSet[]
  readonly outages: readonly Outage[]
  readonly rotations: readonly { readonly at: number; readonly withdrawn: boolean }[]
}

/** The library's test issuer behind a real socket, with faults. */
export interface SoakIssuer {
  readonly name: string
  readonly issuer: string
  readonly book: KeyBook
  /** The kid that signs now. */
  kid(): string
  /** Mints tokens by the real clock. */
  tokens(): TestIssuer
  rotate(options: { readonly withdrawOld: boolean }): Promise<void>
  goDown(fault: Fault): void
  comeBack(): Promise<void>
  close(): void
}

/** Starts an issuer on a free port of this machine; `trap` is where it redirects to when that is its fault. */
export async function startIssuer({ name, trap }: { name: string; trap: string }): Promise<SoakIssuer> {
  const server = createServer()
  const port = await listen(server)
  const issuer = `http://127.0.0.1:${String(port)}`
  const inner = await createTestIssuer({ issuer, audience, algorithm: 'ES256' })
  const keys = new Map<string, PublishedKey>()
  const served: ServedSet[] = []
  const outages: Outage[] = []
  const rotations: { at: number; withdrawn: boolean }[] = []
  let fault: Fault | undefined
  let kid = ''

  const publish = async (): Promise<void> => {
    const at = Date.now()
    const kids = kidsOf(await fetchText(inner, `${issuer}/test-issuer/jwks`))
    for (const [old, key] of keys) {
      if (!kids.has(old) && key.withdrawnAt === Infinity) keys.set(old, { ...key, withdrawnAt: at })
    }
    for (const one of kids) if (!keys.has(one)) keys.set(one, { publishedAt: at, withdrawnAt: Infinity })
    // The test issuer puts the current key first.
    kid = [...kids][0] ?? ''
  }
  const answer = async (url: string, res: ServerResponse): Promise<void> => {
    if (fault !== undefined) {
      misbehave(res, { fault, trap })
      return
    }
    const at = Date.now()
    const response = await inner.options.fetch(`${issuer}${url}`, {})
    const body = await response.text()
    if (response.status === 200 && url.endsWith('/jwks')) {
      res.once('finish', () => served.push({ at, kids: kidsOf(body) }))
    }
    res.writeHead(response.status, { 'content-type': 'application/json' }).end(body)
  }

  server.on('request', (req, res) => void answer(req.url ?? '', res))
  await publish()
  return {
    name,
    issuer,
    book: { keys, served, outages, rotations },
    kid: () => kid,
    tokens() {
      inner.advance((Date.now() - inner.options.clock()) / 1000)
      return inner
    },
    async rotate({ withdrawOld }) {
      await inner.rotateKeys({ withdrawOld })
      await publish()
      rotations.push({ at: Date.now(), withdrawn: withdrawOld })
    },
    goDown(how) {
      fault = how
      outages.push({ fault: how, from: Date.now(), to: Infinity })
      if (how !== 'refused') return
      server.close()
      server.closeAllConnections()
    },
    async comeBack() {
      if (fault === undefined) return
      if (!server.listening) await listenAgain(server, port)
      fault = undefined
      const outage = outages.pop()
      if (outage !== undefined) outages.push({ ...outage, to: Date.now() })
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Somebody else may hold the port for a moment. */
async function listenAgain(server: Server, port: number): Promise<void> {
  for (let attempt = 1; attempt < 50; attempt += 1) {
    try {
      await listen(server, port)
      return
    } catch {
      await pause(100)
    }
  }
  await listen(server, port)
}

function misbehave(res: ServerResponse, { fault, trap }: { fault: Fault; trap: string }): void {
  switch (fault) {
    case 'refused':
      res.destroy()
      return
    case 'hang':
      return
    case '500':
      res.writeHead(500, { 'content-type': 'application/json' }).end('{}')
      return
    case '302':
      res.writeHead(302, { location: trap }).end()
      return
    case 'empty':
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":[]}')
      return
    case 'html':
      res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>')
      return
    case 'drip': {
      res.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => res.write(' '), 100)
      res.once('close', () => {
        clearInterval(timer)
      })
    }
  }
}

async function fetchText(issuer: TestIssuer, url: string): Promise<string> {
  return (await issuer.options.fetch(url, {})).text()
}

function kidsOf(jwks: string): ReadonlySet<string> {
  const { keys } = JSON.parse(jwks) as { keys: readonly { kid: string }[] }
  return new Set(keys.map(({ kid }) => kid))
}

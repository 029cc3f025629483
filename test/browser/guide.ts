import { createHmac } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import session from 'express-session'
import { createBff } from '../../examples/browser/bff/bff.js'
import { createSessions } from '../../examples/browser/bff/create-sessions.js'
import type { SignedIn } from '../../examples/browser/bff/session-tokens.js'
import type { Sessions } from '../../examples/browser/bff/sessions.js'
import { createOAuthClient } from '../../examples/browser/oauth-client.js'
import { originsAt, type Origins, type Role } from '../../examples/browser/stage/addresses.js'
import { createFrontDoor } from '../../examples/browser/stage/front-door.js'
import { createJournal } from '../../examples/browser/stage/journal.js'
import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { createTokenHandler } from '../../examples/browser/token-handler.js'
import { listen } from '../../examples/listen.js'

const SECRET = 'a secret that is the same after a restart'

/** A BFF and a token handler between an API and a provider that do what a test says. There is no browser. */
export interface Guide {
  readonly origins: Origins
  readonly sessions: Sessions
  readonly port: number
  /** What reached the API: method, target, host. */
  readonly reached: string[]
  api: RequestListener
  /** The provider's endpoints by path; metadata and keys are there already. */
  readonly provider: Map<string, RequestListener>
  /** Begins a session and answers its cookie. */
  begin(changes?: Partial<SignedIn>): Promise<{ id: string; cookie: string }>
  /** Asks as the BFF's own page does. */
  ask(method: string, path: string, init?: { cookie?: string; body?: string }): Promise<Response>
  close(): Promise<void>
}

export const json = (res: ServerResponse, status: number, body: unknown): void => {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Takes a request and never answers. */
export const hang: RequestListener = () => undefined

export async function openGuide(options: { redisUrl?: string; sessions?: Sessions } = {}): Promise<Guide> {
  const roles = new Map<Role, RequestListener>()
  const server: Server = createFrontDoor(roles)
  const port = await listen(server, { port: 0, advice: 'try again' })
  const origins = originsAt(port)
  const reached: string[] = []
  const provider = new Map<string, RequestListener>([
    ['/revoke', (_req, res) => res.writeHead(200).end()],
    [
      '/token',
      (_req, res) => {
        json(res, 200, tokens('2'))
      },
    ],
  ])
  const metadata = {
    issuer: origins.idp,
    jwks_uri: `${origins.idp}/jwks`,
    token_endpoint: `${origins.idp}/token`,
    authorization_endpoint: `${origins.idp}/auth`,
    revocation_endpoint: `${origins.idp}/revoke`,
    end_session_endpoint: `${origins.idp}/end`,
  }
  const sessions = options.sessions ?? (await createSessions(options.redisUrl))
  const guide = {
    api: (_req: IncomingMessage, res: ServerResponse) => {
      json(res, 200, { orders: [] })
    },
  }
  roles.set('api', (req, res) => {
    reached.push(`${req.method ?? ''} ${req.url ?? ''} ${req.headers.host ?? ''}`)
    guide.api(req, res)
  })
  roles.set('idp', (req, res) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    const endpoint = provider.get(path)
    if (endpoint !== undefined) endpoint(req, res)
    else json(res, 200, metadata)
  })
  const clientOf = (clientId: string) =>
    createOAuthClient({ issuer: origins.idp, clientId, clientSecret: 'secret', patienceMilliseconds: 300 })
  const journal = createJournal()
  roles.set(
    'bff',
    createBff({ origins, client: clientOf('bff'), sessions, secret: SECRET, journal, apiPatienceMilliseconds: 300 }),
  )
  const tokenHandler = { origins, client: clientOf('app'), note: journal.note, refreshTokenSeconds: 60, secret: SECRET }
  roles.set('auth', createTokenHandler(tokenHandler))

  return Object.assign(guide, {
    origins,
    sessions,
    port,
    reached,
    provider,
    async begin(changes: Partial<SignedIn> = {}) {
      const id = crypto.randomUUID()
      const signedIn = {
        name: 'ada',
        sub: 'ada',
        sid: 'sid-1',
        idToken: 'id',
        accessToken: 'access-1',
        expiresAt: Date.now() + 60_000,
        refreshToken: 'refresh-1',
        ...changes,
      }
      await sessions.write(id, { cookie: new session.Cookie(), signedIn })
      const signature = createHmac('sha256', SECRET).update(id).digest('base64').replace(/=+$/, '')
      return { id, cookie: `__Host-Http-session=${encodeURIComponent(`s:${id}.${signature}`)}` }
    },
    ask(method: string, path: string, { cookie = '', body }: { cookie?: string; body?: string } = {}) {
      const headers = { origin: origins.bff, 'sec-fetch-site': 'same-origin', 'x-csrf': '1', cookie }
      return loopbackFetch(`${origins.bff}${path}`, { method, headers, body: body ?? null })
    },
    async close() {
      server.close()
      server.closeAllConnections()
      if (options.sessions === undefined) await sessions.close()
    },
  })
}

export const tokens = (name: string): Readonly<Record<string, unknown>> => ({
  access_token: `access-${name}`,
  refresh_token: `refresh-${name}`,
  token_type: 'Bearer',
  expires_in: 60,
})

/** Sends bytes as they are, and answers everything that comes back before the connection ends. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (bytes) => (answer += bytes.toString()))
    socket.once('error', reject)
    socket.once('close', () => {
      resolve(answer)
    })
  })
}

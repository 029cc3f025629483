import { createServer, type Server } from 'node:http'
import { Client, DpopSession, StreamableHTTPClientTransport, withDpop } from '@modelcontextprotocol/client'
import express from 'express'
import { createMcpResourceServer } from 'express-resource-server/mcp'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { listen, stop } from '../../kit/server.js'
import { sdks, type Seen } from './sdks.js'

const [, second] = sdks
const NONCE = { secret: 's'.repeat(32), everySeconds: 300 }

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop))
})

interface Api {
  readonly endpoint: URL
  readonly issuer: TestIssuer
  readonly seen: Seen
}

/** An MCP server that takes nothing but bound tokens. */
async function startApi(nonce: typeof NONCE | undefined): Promise<Api> {
  const app = express()
  const server = createServer(app)
  servers.push(server)
  const origin = `http://127.0.0.1:${String(await listen(server))}`
  const resource = `${origin}/mcp`
  const issuer = await createTestIssuer({ audience: resource })
  const seen: Seen = []
  const mcp = createMcpResourceServer({
    ...issuer.options,
    resource,
    dpop: { origin, required: true, ...(nonce && { nonce }) },
  })
  app.use('/mcp', mcp.requireAuth(), second?.serve(seen) ?? [])
  return { endpoint: new URL(resource), issuer, seen }
}

async function call({ endpoint }: Api, session: DpopSession, token: string): Promise<unknown> {
  const fetchWithProof = withDpop(session, () => token)(fetch)
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(endpoint, { fetch: fetchWithProof }))
  try {
    return await client.callTool({ name: 'read' })
  } finally {
    await client.close()
  }
}

/** The second version of the SDK has a client that proves its key. */
describe.each([
  ['with nonces', NONCE],
  ['without', undefined],
])('the client of the SDK that proves its key, %s', (_name, nonce) => {
  it('gets in', async () => {
    const api = await startApi(nonce)
    const session = await DpopSession.create()
    const token = await api.issuer.accessToken({ cnf: { jkt: session.thumbprint } })
    expect(await call(api, session, token)).toMatchObject({ content: [{ text: 'read for user-1' }] })
  })

  it('does not with the token of another', async () => {
    const api = await startApi(nonce)
    const [mine, other] = [await DpopSession.create(), await DpopSession.create()]
    const token = await api.issuer.accessToken({ cnf: { jkt: other.thumbprint } })
    await expect(call(api, mine, token)).rejects.toThrow()
    expect(api.seen).toEqual([])
  })
})

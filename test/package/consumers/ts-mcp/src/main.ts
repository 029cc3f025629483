import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import type { OAuthTokenVerifier } from '@modelcontextprotocol/sdk/server/auth/provider.js'
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'
import { createResourceServer, getAuth, requireScope, type Auth } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = await createTestIssuer()
const resourceServer = createResourceServer(issuer.options)

// What this library finds out is what the SDK wants to know.
const toAuthInfo = (auth: Auth): AuthInfo => auth
const verifier: OAuthTokenVerifier = {
  verifyAccessToken: (token) => resourceServer.verifyToken(token),
}

const app = express()
app.use('/sdk', requireBearerAuth({ verifier }), (req, res) => {
  const info: AuthInfo | undefined = req.auth
  res.json({ for: info?.clientId })
})
app.use(resourceServer.requireAuth())
app.get('/orders', requireScope('orders:read'), (req, res) => {
  const { token, clientId, scopes, expiresAt }: AuthInfo = toAuthInfo(getAuth(req))
  const known = token !== '' && clientId !== '' && expiresAt !== undefined
  res.json({ for: known ? getAuth(req).subject : undefined, scopes: req.auth?.scopes ?? scopes })
})
app.post('/mcp', async (req, res) => {
  await new StreamableHTTPServerTransport().handleRequest(req, res)
})

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const ask = async (token: string, path = '/orders') => {
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return { status: response.status, body: await response.json() }
}
const accessToken = await issuer.accessToken({ scope: 'orders:read' })
console.log(
  JSON.stringify({
    nodeVersion: process.version,
    accessToken: await ask(accessToken),
    idToken: await ask(await issuer.idToken({ aud: issuer.audience })),
    lesserToken: await ask(await issuer.accessToken({ scope: 'orders:write' })),
    throughSdk: await ask(accessToken, '/sdk'),
  }),
)
server.close()
server.closeAllConnections()

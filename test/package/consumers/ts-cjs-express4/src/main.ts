import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import 'express-resource-server/augment'
import express from 'express'
import { getAuth, requireAuth, requireScope, type Auth } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

async function main(): Promise<void> {
  const issuer = await createTestIssuer()
  const app = express()
  app.use(requireAuth(issuer.options))
  app.get('/orders', requireScope('orders:read'), (req, res) => {
    const auth: Auth = getAuth(req)
    const scopes: string[] = getAuth(req).scopes
    const loose: string[] | undefined = req.auth?.scopes
    res.json({ for: auth.subject, scopes: loose ?? scopes })
  })

  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = async (token: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/orders`, { headers: { authorization: `Bearer ${token}` } })
    return { status: response.status, body: await response.json() }
  }
  console.log(
    JSON.stringify({
      nodeVersion: process.version,
      accessToken: await ask(await issuer.accessToken({ scope: 'orders:read' })),
      idToken: await ask(await issuer.idToken({ aud: issuer.audience })),
      lesserToken: await ask(await issuer.accessToken({ scope: 'orders:write' })),
    }),
  )
  server.close()
  server.closeAllConnections()
}

void main()

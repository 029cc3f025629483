import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler } from 'express'
import {
  allOf,
  AuthError,
  findAuth,
  getAuth,
  optionalAuth,
  requireAuth,
  requirePolicy,
  scope,
  type Auth,
  type Policy,
  type RequireAuthOptions,
} from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'

const issuer: TestIssuer = await createTestIssuer()
const options: RequireAuthOptions = { ...issuer.options, failedAuthLimit: { limit: 100 } }
const forThem: Policy = (auth) => auth.subject === 'user-1'
const onError: ErrorRequestHandler = (error: unknown, _req, _res, next) => {
  next(error instanceof AuthError ? error.code : error)
}

const app = express()
app.get('/greeting', optionalAuth(options), (req, res) => {
  // @ts-expect-error Behind optionalAuth there may be no token.
  res.send(findAuth(req).subject)
})
app.use(requireAuth(options))
app.get('/orders', requirePolicy(allOf(scope('orders:read'), forThem)), (req, res) => {
  const auth: Auth = getAuth(req)
  const scopes: string[] = getAuth(req).scopes
  // @ts-expect-error It is declared only for who imports the entry that does so.
  const loose: string[] | undefined = req.auth?.scopes
  res.json({ for: auth.subject, scopes: loose ?? scopes })
})
app.use(onError)

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const ask = async (token: string) => {
  const response = await fetch(`http://127.0.0.1:${String(port)}/orders`, {
    headers: { authorization: `Bearer ${token}` },
  })
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

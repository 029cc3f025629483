// Every entry, found and typed.
import 'express-resource-server/augment'
import express from 'express'
import { open, optionalAuth, type Auth } from 'express-resource-server'
import { createResourceServer, scope, type Auth as CoreAuth } from 'express-resource-server/core'
import { createMcpResourceServer, type McpAuthInfo, type McpTokenVerifier } from 'express-resource-server/mcp'
import { instrumentResourceServer, type InstrumentationOptions } from 'express-resource-server/opentelemetry'
import { createRedisStore, type RedisClient, type Store } from 'express-resource-server/redis'
import { authorizeRoutes, trackRoutes, type RouteTable } from 'express-resource-server/routes'
import { createTestIssuer, expectProtected, type TestIssuer } from 'express-resource-server/testing'
import { createWebSocketGuard, type WebSocketGuard } from 'express-resource-server/websocket'

export async function main(): Promise<void> {
  const issuer: TestIssuer = await createTestIssuer()
  const app = express()
  const table: RouteTable = { 'GET /': open() }
  const inventory = trackRoutes(app)
  app.get('/', optionalAuth(issuer.options), authorizeRoutes(table), (req, res) => {
    const scopes: Auth['scopes'] | undefined = req.auth?.scopes
    res.json(scopes)
  })
  const auth: CoreAuth = await createResourceServer(issuer.options).verifyToken(await issuer.accessToken())
  const same: Auth = auth
  console.log(same.subject)
  expectProtected(app, { except: inventory.routes().map(({ method, path }) => `${method} ${path}`) })
}

export function instrument(options: InstrumentationOptions): () => void {
  return instrumentResourceServer(options)
}

export function guard(): WebSocketGuard<CoreAuth['claims']> {
  return createWebSocketGuard(createResourceServer(), { policy: scope('chat') })
}

export function share(client: RedisClient): Store {
  return createRedisStore({ client })
}

export function protect(app: express.Express, tell: (info: Promise<McpAuthInfo>) => void): void {
  const mcp = createMcpResourceServer({ resource: 'https://api.example.com/mcp', issuer: 'https://login.example.com' })
  app.use(mcp.protectedResourceMetadata())
  app.use('/mcp', mcp.requireAuth())
  const verifier: McpTokenVerifier = mcp.tokenVerifier((message) => new Error(message))
  tell(verifier.verifyAccessToken('token'))
}

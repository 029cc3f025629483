import { jest } from '@jest/globals'
import express, { type RequestHandler } from 'express'
import {
  createResourceServer,
  optionalAuth,
  requireAuth,
  requireScope,
  type RequireAuthOptions,
} from 'express-resource-server'
import { createMcpResourceServer } from 'express-resource-server/mcp'
import { createTestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

const TENANT = '6f1d3a52-0c1b-4f0e-9a44-0d5be6a0c001'
const GUID = 'b14a7505-96e9-4927-91e8-0601d0fc9caa'

/** What was warned of while the work ran, as codes. */
async function warnings(work: () => unknown): Promise<readonly string[]> {
  const codes: string[] = []
  const emit = jest.spyOn(process, 'emitWarning').mockImplementation((_message, options) => {
    const { code, type } = options as { code: string; type: string }
    codes.push(code)
    expect(type).toBe('ExpressResourceServerWarning')
  })
  await work()
  emit.mockRestore()
  return codes
}

function createApp(...middleware: RequestHandler[]): express.Express {
  const app = express()
  for (const one of middleware) app.use(one)
  app.get('/', (_req, res) => {
    res.end('granted')
  })
  return app
}

const preflight = (app: express.Express) =>
  request(app).options('/').set({ Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' })

// Each is said once in a process, so that the order of these tests counts.
describe('what is hardly meant is warned of, once', () => {
  it('not: a server that is made at start-up, shared, and used', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    expect(
      await warnings(async () => {
        const server = createResourceServer(issuer.options)
        const app = createApp(server.requireAuth())
        for (let count = 0; count < 12; count++) server.requireAuth()
        await request(app)
          .get('/')
          .set('Authorization', `Bearer ${await issuer.accessToken()}`)
          .expect(200)
        await request(app).get('/').expect(401)
        await request(app).options('/').expect(401)
        await request(app).get('/').set('Authorization', 'Basic dXNlcjpwYXNz').expect(401)
        await preflight(createApp(optionalAuth(issuer.options))).expect(200)
      }),
    ).toEqual([])
  })

  it.each([
    [
      'at once',
      (options: RequireAuthOptions): RequestHandler =>
        (req, res, next) => {
          requireAuth(options)(req, res, next)
        },
    ],
  ])('a middleware that is made for each request, %s', async (_title, create) => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const app = createApp(create(issuer.options))
    const send = async () =>
      request(app)
        .get('/')
        .set('Authorization', `Bearer ${await issuer.accessToken()}`)
        .expect(200)
    expect(await warnings(send)).toEqual(['ERS_PER_REQUEST'])
    expect(await warnings(send)).toEqual([])
  })

  it('many servers for one issuer', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const other = await createTestIssuer({ algorithm: 'ES256' })
    const make = (times: number, options: RequireAuthOptions) => () => {
      for (let count = 0; count < times; count++) createApp(requireAuth(options))
    }
    expect(await warnings(make(9, issuer.options))).toEqual([])
    expect(await warnings(make(9, other.options))).toEqual([])
    expect(await warnings(make(1, issuer.options))).toEqual(['ERS_MANY_SERVERS'])
    expect(await warnings(make(20, issuer.options))).toEqual([])
  })

  it('a preflight that is refused, by requireAuth or a guard', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const app = createApp(optionalAuth(issuer.options), requireScope('a'))
    expect(await warnings(() => preflight(app).expect(401))).toEqual(['ERS_PREFLIGHT_REFUSED'])
    expect(await warnings(() => preflight(createApp(requireAuth(issuer.options))).expect(401))).toEqual([])
  })

  it('credentials of DPoP, and a token without a scheme, which count as none', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const token = await issuer.accessToken()
    const send = (value: string) => () =>
      request(createApp(optionalAuth(issuer.options)))
        .get('/')
        .set('Authorization', value)
        .expect(200)
    expect(await warnings(send(`DPoP ${token}`))).toEqual(['ERS_DPOP_UNREAD'])
    expect(await warnings(send(token))).toEqual(['ERS_SCHEME_MISSING'])
    expect(await warnings(send(`DPoP ${token}`))).toEqual([])
  })

  it('an audience that may be meant', async () => {
    const configure = (issuer: string, audience: string | string[]) => () => {
      requireAuth({ issuer, audience })
    }
    const pool = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example'
    const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
    const realm = 'https://kc.example.com/realms/demo'
    expect(await warnings(configure(pool, 'client-1'))).toEqual([])
    expect(await warnings(configure(v2, ['api://orders', GUID]))).toEqual([])
    expect(await warnings(configure(`https://sts.windows.net/${TENANT}/`, 'api://orders'))).toEqual([])
    expect(await warnings(configure(realm, 'orders'))).toEqual([])
    expect(await warnings(configure(v2, 'api://orders'))).toEqual(['ERS_AUDIENCE_UNUSUAL'])
    expect(await warnings(configure(pool, 'https://api.example.com'))).toEqual([])
    expect(await warnings(configure(realm, ['orders', 'account']))).toEqual(['ERS_AUDIENCE_SHARED'])
  })

  it('an MCP endpoint that is not where its resource is; a proxy may have taken a part of the path', async () => {
    const issuer = await createTestIssuer()
    const ask = (resource: string, path: string) => async (): Promise<void> => {
      const mcp = createMcpResourceServer({ ...issuer.options, resource })
      await request(createApp(mcp.requireAuth())).post(path).expect(401)
    }
    const host = 'https://api.example.com'
    expect(await warnings(ask(`${host}/mcp`, '/mcp'))).toEqual([])
    expect(await warnings(ask(`${host}/mcp`, '/MCP/?x=1'))).toEqual([])
    expect(await warnings(ask(`${host}/v1/mcp`, '/mcp'))).toEqual([])
    expect(await warnings(ask(host, '/anything'))).toEqual([])
    expect(await warnings(ask(`${host}/mc`, '/mcp'))).toEqual(['ERS_MCP_PATH'])
    expect(await warnings(ask(`${host}/notes`, '/mcp'))).toEqual([])
  })
})

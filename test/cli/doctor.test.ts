import cors from 'cors'
import express from 'express'
import { protectedResourceMetadata, requireAuth } from 'express-resource-server'
import { createKey } from '../kit/forge.js'
import { listen, stopListening } from './listen.js'
import { run, writeInput } from './run.js'

const API = 'https://api.example.com'
afterAll(stopListening)

const strong = createKey('P-256', { kid: 'good' })
const weak = createKey('RSA', { kid: 'weak', modulusLength: 1024 })

/** An issuer whose clock differs by so many seconds. */
const issuer = (offset: number): Promise<string> =>
  listen((origin) => (req, res) => {
    const isMetadata = req.url === '/.well-known/openid-configuration'
    const document = isMetadata
      ? { issuer: origin, jwks_uri: `${origin}/jwks?api_key=sesame` }
      : { keys: [strong.jwk, weak.jwk] }
    res.setHeader('Date', new Date(Date.now() + offset * 1000).toUTCString())
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify(document))
  })

describe('doctor', () => {
  it('finds a sound issuer fine, says why a key is left out, and hides the query of its place', async () => {
    const { exitCode, output } = await run(['doctor', '--issuer', await issuer(0), '--audience', API])
    expect(output).toMatch(/names this very issuer/)
    expect(output).toMatch(/"good": ES256/)
    expect(output).toMatch(/"weak": left out/)
    expect(output).not.toContain('sesame')
    expect(exitCode).toBe(0)
  })

  it('finds a clock that differs', async () => {
    const { exitCode, output } = await run(['doctor', '--issuer', await issuer(-600), '--audience', API])
    expect(exitCode).toBe(1)
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(/WRONG: that of the issuer is (?:599|600|601) s behind this one/)
  })

  it('answers 2 where nobody listens', async () => {
    const { exitCode, output } = await run(['doctor', '--issuer', 'http://127.0.0.1:1', '--audience', API])
    expect(exitCode).toBe(2)
    expect(output).toMatch(/UNSURE: http:\/\/127\.0\.0\.1:1\/\.well-known/)
  })

  it('tells of an environment in which nobody is believed', async () => {
    const jwks = writeInput(JSON.stringify({ keys: [strong.jwk] }))
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', HTTPS_PROXY: 'http://user:sesame@proxy' }
    const args = ['doctor', '--issuer', 'https://login.example.com', '--audience', API, '--jwks', jwks]
    const { exitCode, output } = await run(args, { env })
    expect(exitCode).toBe(1)
    expect(output).toMatch(/NODE_TLS_REJECT_UNAUTHORIZED=0/)
    expect(output).toMatch(/HTTPS_PROXY is set/)
    expect(output).not.toContain('sesame')
  })

  const protect = (app: express.Express): void => {
    app.use(requireAuth({ issuer: 'https://login.example.com', audience: API, jwks: { keys: [strong.jwk] } }))
    app.get('/orders', (_req, res) => {
      res.json([])
    })
  }

  it('finds an API fine from outside that is as it should be', async () => {
    const origin = await listen((own) => {
      const app = express().disable('x-powered-by')
      app.use(cors({ origin: 'https://app.example.com', exposedHeaders: ['WWW-Authenticate'] }))
      app.use(protectedResourceMetadata({ resource: own, authorizationServers: ['https://login.example.com'] }))
      protect(app)
      return app
    })
    const { exitCode, output } = await run(['doctor', '--url', `${origin}/orders`])
    expect(output).toMatch(/bad token {3}401 invalid_token/)
    expect(output).toMatch(new RegExp(`resource {4}"${origin}/?"`))
    expect(output).toMatch(/FINE/)
    expect(exitCode).toBe(0)
  })

  it.each([
    [
      'an open route',
      (app: express.Express) => app.get('/orders', (_req, res) => res.json([])),
      /nothing asks for a token/,
    ],
    ['talkative headers', protect, /x-powered-by: "Express"/],
    ['a preflight that is refused', protect, /preflight is refused with 401/],
    [
      'no challenge',
      (app: express.Express) => app.get('/orders', (_req, res) => res.sendStatus(401)),
      /401 without a challenge/,
    ],
    [
      'a sign-in page',
      (app: express.Express) =>
        app.get('/orders', (_req, res) => {
          res.redirect('/in')
        }),
      /sent elsewhere, with 302/,
    ],
  ])('finds %s', async (_title, build, says) => {
    const origin = await listen(() => {
      const app = express()
      build(app)
      return app
    })
    const { exitCode, output } = await run(['doctor', '--url', `${origin}/orders`])
    expect(exitCode).toBe(1)
    expect(output).toMatch(says)
  })
})

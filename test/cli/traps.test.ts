import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type RequestHandler } from 'express'
import { requireAuth } from 'express-resource-server'
import { createKey, forgeToken } from '../kit/forge.js'
import { listen, stopListening } from './listen.js'
import { run, writeInput } from './run.js'

const ISSUER = 'https://login.example.com'
const API = 'https://api.example.com'
const key = createKey('P-256', { kid: 'key-1' })
const jwks = writeInput(JSON.stringify({ keys: [key.jwk] }))
const protection = { issuer: { issuer: ISSUER, jwks: { keys: [key.jwk] } }, audience: API }
afterAll(stopListening)

/** An API behind some handlers, as doctor sees it from outside. */
async function lookAt(...handlers: readonly RequestHandler[]): Promise<readonly string[]> {
  const origin = await listen(() => {
    const app = express().disable('x-powered-by')
    for (const handler of handlers) app.use(handler)
    return app
  })
  return ['doctor', '--url', `${origin}/orders`]
}

/** An issuer that answers as it is told. */
const issuerWith = (metadata: (origin: string) => object | undefined): Promise<string> =>
  listen((origin) => (req, res) => {
    const document = req.url?.startsWith('/.well-known') === true ? metadata(origin) : { keys: [key.jwk] }
    if (document === undefined) return
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify(document))
  })

const configured = (issuer: string, keys: object): string =>
  writeInput(`export const options = ${JSON.stringify({ issuer, audience: API, keys })}`, 'mjs')

const answer: RequestHandler = (_req, res) => {
  res.json([])
}

/** An answer that a library of others gives: a challenge, and a text. */
const refuses =
  (text: (token: string) => string, status = 401): RequestHandler =>
  (req, res) => {
    const token = req.headers.authorization?.slice(7)
    res
      .status(status)
      .set('WWW-Authenticate', token === undefined ? 'Bearer realm="api"' : 'Bearer error="invalid_token"')
    res.set('Cache-Control', 'no-store').send(token === undefined ? '' : text(token))
  }

const claimsOf = (token: string): string => Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
const app = (code: string): string =>
  writeInput(
    `const { createRequire } = require('node:module')
     const express = createRequire(${JSON.stringify(join(fileURLToPath(new URL('../..', import.meta.url)), 'x.js'))})('express')
     const app = express()
     const requireAuth = () => (req, res, next) => next()
     ${code}
     module.exports = { app }`,
    'cjs',
  )

type Row = readonly [
  trap: string,
  args: () => Promise<readonly string[]> | readonly string[],
  says: RegExp,
  input?: string,
]

/** Traps of docs/traps.md that a configuration, an app or an API shows, and what must be said of them. */
const TRAPS: readonly Row[] = [
  [
    'Proxies and DPoP',
    () => ['explain', '--issuer', ISSUER, '--audience', API, '--jwks', jwks, '--offline'],
    /bound to a key.*"jkt"/,
    forgeToken(
      { alg: 'ES256', kid: 'key-1', typ: 'at+jwt' },
      { iss: ISSUER, aud: API, sub: 'u', client_id: 'a', exp: 4_102_444_800, iat: 1, jti: 'j', cnf: { jkt: 'k' } },
      key.sign,
    ),
  ],
  [
    'A middleware made per request',
    () => [
      'doctor',
      app(`app.use(function protect(req, res, next) { return requireAuth()(req, res, next) })
       app.get('/orders', (req, res) => res.json([]))`),
    ],
    /WRONG: "protect" makes an auth middleware for each request/,
  ],
  [
    'Cooldown against rotation',
    async () => [
      'doctor',
      '--config',
      configured(await issuerWith((origin) => ({ issuer: origin, jwks_uri: `${origin}/keys` })), {
        cooldownSeconds: 600,
      }),
    ],
    /WRONG: a key that is not at hand is looked for every 600 s only/,
  ],
  [
    'No time-outs',
    async () => ['doctor', '--config', configured(await issuerWith(() => undefined), { timeoutSeconds: 0.2 })],
    /UNSURE: .*(?:did not answer|within|time)/,
  ],
  [
    'Error texts that leak, what the token says',
    () => lookAt(refuses((token) => `bad token: ${claimsOf(token)}`)),
    /WRONG: its answer repeats what the token says/,
  ],
  [
    'Error texts that leak, what is expected',
    () => lookAt(refuses(() => 'jwt audience invalid. expected: "https://api.example.com"')),
    /WRONG: its answer tells what a token must say/,
  ],
  [
    'Arguments that are silently ignored',
    () => ['explain', '--issuer', ISSUER, '--audience', API, '--jwks', jwks, '--scope', 'a b'],
    /one argument|argument of its own|space|"a b"/,
    'x.y.z',
  ],
  [
    'Optional authentication that takes a forged token for none',
    () => lookAt(answer),
    /WRONG: answered with 200, as without one/,
  ],
  [
    'Metadata of another issuer',
    async () => [
      'doctor',
      '--issuer',
      await issuerWith((origin) => ({ issuer: `${origin}/{tenantid}`, jwks_uri: `${origin}/keys` })),
      '--audience',
      API,
    ],
    /WRONG: The metadata of \S+ names another issuer/,
  ],
  [
    'Caching proxies',
    () => lookAt((_req, res) => res.status(401).set('WWW-Authenticate', 'Bearer').end()),
    /WRONG: a cache may keep the refusal/,
  ],
]

describe('a trap is named', () => {
  it.each(TRAPS.map((row) => [row[0], row] as const))('%s', async (_trap, [, args, says, input]) => {
    const { exitCode, output, errors } = await run(await args(), input === undefined ? {} : { input })
    expect(exitCode).not.toBe(0)
    expect(`${output} ${errors}`.replaceAll(/\s+/g, ' ')).toMatch(says)
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('and is not where there is none', async () => {
    const { output } = await run(await lookAt(requireAuth(protection), answer))
    expect(output).not.toMatch(/repeats|tells what/)
    const fine = await run(['doctor', app("app.get('/orders', (req, res) => res.json([]))")])
    expect(fine.output).not.toMatch(/for each request/)
    expect(fine.output).toMatch(/GET \/orders/)
  })
})

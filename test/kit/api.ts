import express, { type Express, type RequestHandler } from 'express'
import {
  getAuth,
  requireAuth,
  requirePolicy,
  requireScope,
  type ReasonCode,
  type RequireAuthOptions,
} from 'express-resource-server'
import request from 'supertest'
import { codeOf, expectRefusal, type Answer } from './refusals.js'

/** A protected API, as a user of this library writes it. */
export interface Api {
  readonly app: Express
  /** How often a handler behind the guards has run. */
  readonly handled: () => number
  /** Such a handler, for more routes: it counts, and answers 200. */
  readonly handler: RequestHandler
}

/** What a suite adds to the API. */
export interface ApiParts {
  /** Routes and middleware in front of the auth middleware. */
  readonly before?: ((api: Api) => void) | undefined
  /** Routes behind it. */
  readonly after?: ((api: Api) => void) | undefined
}

/**
 * Creates an API with the routes `/any` (a valid token, whose auth object it answers), `/read` (scope `orders:read`), `/rw`
 * (`orders:read` and `orders:write`) and `/pred-throw` (a broken policy), and with `/open` and `/nomw` (a guard alone) in
 * front of the auth middleware. Bodies are parsed before the token is looked for, so that a token in one could be found.
 */
export function createApi(options: RequireAuthOptions, { before, after }: ApiParts = {}): Api {
  let handled = 0
  const app = express()
  const handler: RequestHandler = (_req, res) => {
    handled++
    res.json({ ok: true })
  }
  const api: Api = { app, handled: () => handled, handler }
  // As deployed: no stack traces in Express's own error pages, errors on the console.
  app.set('env', 'production')
  app.disable('x-powered-by')
  app.use(express.json(), express.urlencoded({ extended: true }))
  app.get('/open', (_req, res) => {
    res.json({ open: true })
  })
  app.get('/nomw', requireScope('orders:read'), handler)
  before?.(api)
  app.use(requireAuth(options))
  app.all('/any', (req, res) => {
    handled++
    res.json(getAuth(req))
  })
  app.all('/read', requireScope('orders:read'), handler)
  app.all('/rw', requireScope('orders:read', 'orders:write'), handler)
  const broken = requirePolicy(() => {
    throw new Error('the policy is broken')
  })
  app.all('/pred-throw', broken, handler)
  after?.(api)
  return api
}

/** Sends a token in the usual way. */
export async function present({ app }: Api, token: string, path = '/any'): Promise<Answer> {
  const response = await request(app).get(path).set('Authorization', `Bearer ${token}`)
  return answerOf(response)
}

/** Reads a supertest response. */
export function answerOf(response: request.Response): Answer {
  const headers = response.headers as Readonly<Record<string, string | undefined>>
  return { status: response.status, header: (name) => headers[name.toLowerCase()], body: response.text }
}

/** Presents a token, and expects that the handler runs. Returns the auth object as JSON has it. */
export async function expectGranted(api: Api, token: string, path?: string): Promise<Record<string, unknown>> {
  const before = api.handled()
  const answer = await present(api, token, path)
  expect(codeOf(answer)).toBe('granted')
  expect(api.handled()).toBe(before + 1)
  return JSON.parse(answer.body) as Record<string, unknown>
}

/** Presents a token, and expects that it is refused for this reason, with everything that belongs to such an answer. */
export async function expectRefused(api: Api, token: string, code: ReasonCode, path?: string): Promise<Answer> {
  const before = api.handled()
  const answer = await present(api, token, path)
  expectRefusal(answer, code, { token })
  expect(api.handled()).toBe(before)
  return answer
}

/** Presents a token, and expects it granted or refused, as a row of a table says. */
export async function expectOutcome(api: Api, token: string, outcome: ReasonCode | 'granted'): Promise<void> {
  if (outcome === 'granted') await expectGranted(api, token)
  else await expectRefused(api, token, outcome)
}

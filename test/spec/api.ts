import express, { type Express } from 'express'
import { getAuth, requireAuth, requireScope, type ReasonCode, type RequireAuthOptions } from 'express-resource-server'
import request from 'supertest'
import { codeOf, expectRefusal, type Answer } from '../kit/refusals.js'

/** A protected API, as a user of this library writes it. */
export interface Api {
  readonly app: Express
  /** How often a handler behind the guards has run. */
  readonly handled: () => number
}

/**
 * Creates an API with the routes `/any` (a valid token), `/orders` (scope `orders:read`) and `/rw` (`orders:read` and
 * `orders:write`), for every method. Bodies are parsed before the token is looked for, so that a token in one could be found.
 */
export function createApi(options: RequireAuthOptions): Api {
  let handled = 0
  const app = express()
  app.use(express.json(), express.urlencoded({ extended: true }))
  app.use(requireAuth(options))
  app.all('/any', (req, res) => {
    handled++
    res.json(getAuth(req))
  })
  app.all('/orders', requireScope('orders:read'), (_req, res) => {
    handled++
    res.json({ orders: [] })
  })
  app.all('/rw', requireScope('orders:read', 'orders:write'), (_req, res) => {
    handled++
    res.json({ orders: [] })
  })
  return { app, handled: () => handled }
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

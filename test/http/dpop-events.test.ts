import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import express from 'express'
import { requireAuth, type EventMessages } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { athOf, createClientKey, createProof, ORIGIN } from '../kit/dpop.js'

const names = ['token.accepted', 'token.refused', 'token.undecided'] as const satisfies readonly (keyof EventMessages)[]
const key = createClientKey()
const other = createClientKey()
const jti = 'an identifier that nobody else is to know'
const nonce = { secret: 's'.repeat(32), everySeconds: 60 }

let issuer: TestIssuer
let token: string
beforeAll(async () => {
  issuer = await createTestIssuer()
  token = await issuer.accessToken({ cnf: { jkt: key.thumbprint } })
})

const proof = (claims: object = {}, by = key): string =>
  createProof(by, { claims: { iat: issuer.now(), ath: athOf(token), jti, ...claims } })

test('events tell what became of proofs, and hold neither them nor keys, nonces or identifiers', async () => {
  const heard: object[] = []
  const hear = (message: unknown): void => {
    heard.push(message as object) // every message is one
  }
  const clock = issuer.options.clock
  const full = createMemoryStore({ clock, maxEntries: 0 })
  const serve = (dpop: object) =>
    express()
      .use(requireAuth({ ...issuer.options, dpop: { origin: ORIGIN, replay: createMemoryStore({ clock }), ...dpop } }))
      .get('/orders', (_req, res) => void res.json({}))
  const api = serve({})
  const strange = proof({ htu: 'https://evil.example.com/orders' })
  const sent = [proof(), proof({ htm: 'PUT' }), strange, proof({}, other), proof({ jti: 1 }), 'junk']
  for (const name of names) subscribe(`express-resource-server:${name}`, hear)
  let given: string | undefined
  try {
    const send = (app: express.Express, one: string) =>
      request(app).get('/orders').set('Authorization', `DPoP ${token}`).set('DPoP', one)
    for (const one of [...sent, proof()]) await send(api, one)
    const refused = await send(serve({ nonce }), proof())
    given = refused.headers['dpop-nonce']
    await send(serve({ replay: full }), proof())
  } finally {
    for (const name of names) unsubscribe(`express-resource-server:${name}`, hear)
  }
  expect(heard.map((message) => ('code' in message ? message.code : 'accepted'))).toEqual([
    'accepted',
    'invalid_dpop_proof',
    'invalid_dpop_proof',
    'key_binding_mismatch',
    'invalid_dpop_proof',
    'invalid_dpop_proof',
    'invalid_dpop_proof',
    'use_dpop_nonce',
    'store_unavailable',
  ])
  expect(given).toEqual(expect.any(String))
  const text = inspect(heard, { depth: 9 })
  const keys = [key, other].flatMap(({ jwk, thumbprint }) => [String(jwk['x']), String(jwk['y']), thumbprint])
  const secrets = [...sent.slice(0, -1).flatMap((one) => one.split('.')), ...keys, jti, athOf(token), String(given)]
  for (const secret of [...secrets, ...token.split('.'), 'evil.example.com', nonce.secret]) {
    expect(text).not.toContain(secret)
  }
})

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import express from 'express'
import { requireAuth } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

const names = ['token.accepted', 'token.refused', 'token.undecided', 'limit.reached', 'keys.refreshed', 'keys.failed']

interface Heard {
  readonly name: string
  readonly message: unknown
}

/** Hears everything that is published while the work runs. */
async function listen(work: () => Promise<void>): Promise<readonly Heard[]> {
  const heard: Heard[] = []
  const hear = (message: unknown, channel: string | symbol): void => {
    heard.push({ name: String(channel).replace('express-resource-server:', ''), message })
  }
  for (const name of names) subscribe(`express-resource-server:${name}`, hear)
  await work()
  for (const name of names) unsubscribe(`express-resource-server:${name}`, hear)
  return heard
}

describe('the events', () => {
  it('tell what happened, and nothing of a token', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const app = express()
    app.use(requireAuth({ ...issuer.options, keys: { maxStaleSeconds: 0 }, failedAuthLimit: { limit: 1 } }))
    app.get('/', (_req, res) => {
      res.end()
    })
    const send = (token: string) => request(app).get('/').set('Authorization', `Bearer ${token}`)
    const access = await issuer.accessToken({ secret: 'sesame' })
    const id = await issuer.idToken({ secret: 'sesame' })

    const heard = await listen(async () => {
      await send(access)
      await send(id)
      await send(id)
      await send('a b')
      await request(app).get('/')
      issuer.goDown()
      issuer.advance(3600)
      await send(await issuer.accessToken({ secret: 'sesame' }))
    })

    expect(heard).toEqual([
      { name: 'keys.refreshed', message: { issuer: issuer.issuer, keys: 1, skipped: 0, reasons: [] } },
      { name: 'token.accepted', message: { issuer: issuer.issuer } },
      { name: 'token.refused', message: { code: 'id_token_presented' } },
      { name: 'token.refused', message: { code: 'id_token_presented' } },
      { name: 'limit.reached', message: {} },
      { name: 'token.refused', message: { code: 'malformed_credentials' } },
      { name: 'limit.reached', message: {} },
      { name: 'token.refused', message: { code: 'missing_token' } },
      {
        name: 'keys.failed',
        message: {
          issuer: issuer.issuer,
          reason: `${issuer.issuer}/test-issuer/jwks could not be fetched`,
          stale: false,
        },
      },
      { name: 'token.undecided', message: { code: 'issuer_unavailable' } },
    ])
    expect(JSON.stringify(heard)).not.toContain('sesame')
    for (const segment of [...access.split('.'), ...id.split('.')]) expect(JSON.stringify(heard)).not.toContain(segment)
  })
})

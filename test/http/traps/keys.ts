import { createResourceServer, requireAuth } from 'express-resource-server'
import { createKey, forgeToken } from '../../kit/forge.js'
import { createKeyEndpoint } from '../../kit/key-endpoint.js'
import type { Traps } from './hear.js'

const ISSUER = 'https://login.example.com/realm'
const AUDIENCE = 'https://api.example.com'

/** Issuers and keys that go wrong. */
export const keys: Traps = {
  'A limit on key fetches that strangers use up': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(requireAuth(issuer.options))
      expect((await ear.send(app, await issuer.accessToken())).status).toBe(200)
      const before = issuer.requests.length
      for (let n = 0; n < 40; n++) {
        const madeUp = await issuer.accessToken({}, { kid: `made-up-${String(n)}` })
        expect([401, 503]).toContain((await ear.send(app, madeUp)).status)
      }
      expect(issuer.requests.length - before).toBe(1)
      expect((await ear.send(app, await issuer.accessToken())).status).toBe(200)
    },
    says: /made-up-0|no key/,
  },
  'Keys that never expire': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const keysOptions = { freshSeconds: 600, maxStaleSeconds: 1200 }
      const server = createResourceServer({ ...issuer.options, keys: keysOptions })
      await server.verifyToken(await issuer.accessToken())
      issuer.goDown()
      issuer.advance(700)
      await server.verifyToken(await issuer.accessToken())
      issuer.advance(600)
      await expect(server.verifyToken(await issuer.accessToken())).rejects.toMatchObject({ status: 503 })
    },
    says: /"stale":true[^]*"stale":false/,
  },
  'Cooldown against rotation': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(requireAuth(issuer.options))
      expect((await ear.send(app, await issuer.accessToken())).status).toBe(200)
      await issuer.rotateKeys()
      expect((await ear.send(app, await issuer.accessToken())).status).toBe(200)
      issuer.advance(31)
      expect((await ear.send(app, await issuer.accessToken({}, { kid: 'made-up' }))).status).toBe(401)
    },
    says: /unknown_key/,
  },
  '401 while the issuer is down': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      issuer.goDown()
      expect(await ear.judge(issuer.options, await issuer.accessToken())).toBe(503)
    },
    says: /issuer_unavailable/,
  },
  'No time-outs': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const options = { ...issuer.options, fetch: () => new Promise<never>(() => undefined) }
      expect(await ear.judge({ ...options, keys: { timeoutSeconds: 0.05 } }, await issuer.accessToken())).toBe(503)
    },
    says: /did not answer in time/,
  },
  'The issuer in another spelling': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      expect(await ear.judge(issuer.options, await issuer.accessToken({ iss: `${issuer.issuer}/` }))).toBe(401)
      ear.atStart(() => {
        ear.configure({ issuer: 'https://tenant.eu.auth0.com', audience: AUDIENCE })
      })
    },
    says: /slash/,
  },
  'Metadata of another issuer': {
    run: async (ear) => {
      const key = createKey('P-256')
      const endpoint = createKeyEndpoint(ISSUER, [key.jwk])
      const fetch = () =>
        Promise.resolve(Response.json({ issuer: 'https://login.example.com', jwks_uri: endpoint.jwksUri }))
      const claims = { iss: ISSUER, aud: AUDIENCE, scope: 'a', iat: 1_800_000_000, exp: 1_800_000_300 }
      const token = forgeToken({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' }, claims, key.sign)
      const clock = () => 1_800_000_001_000
      expect(await ear.judge({ issuer: ISSUER, audience: AUDIENCE, fetch, clock }, token)).toBe(503)
      ear.atStart(() => {
        ear.configure({ issuer: 'https://login.microsoftonline.com/common/v2.0', audience: AUDIENCE })
      })
    },
    says: /names another issuer[^]*List the issuer of each tenant/,
  },
  'RSA keys that are too short': {
    run: async () => {
      const good = createKey('P-256')
      const { fetch } = createKeyEndpoint(ISSUER, [good.jwk, createKey('RSA', { modulusLength: 1024 }).jwk])
      await createResourceServer({ issuer: ISSUER, audience: AUDIENCE, fetch: (url) => fetch(url, {}) }).ready()
    },
    says: /"skipped":1/,
  },
}

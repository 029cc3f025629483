import express from 'express'
import { getAuth, optionalAuth, requireAuth, requireScope } from 'express-resource-server'
import { trackRoutes } from 'express-resource-server/routes'
import { expectProtected } from 'express-resource-server/testing'
import request from 'supertest'
import type { Traps } from './hear.js'

/** Set-ups and requests that go wrong. */
export const requests: Traps = {
  'No audience check': {
    run: (ear) => {
      ear.atStart(() => {
        ear.configure({ issuer: 'https://login.example.com' })
      })
    },
    says: /audience/,
  },
  'HS256 next to fetched keys': {
    run: (ear) => {
      const options = { issuer: 'https://login.example.com', audience: 'orders' }
      ear.atStart(() => {
        ear.configure({ ...options, algorithms: ['RS256', 'HS256'] })
      })
    },
    says: /HS256/,
  },
  'Arguments that are silently ignored': {
    run: (ear) => {
      ear.atStart(() => requireScope('orders:read orders:write'))
      ear.atStart(() => Reflect.apply(requireScope, undefined, [['orders:read', 'orders:write']]))
    },
    says: /an argument of its own/,
  },
  'Proxies and DPoP': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const credentials = `DPoP ${await issuer.accessToken()}`
      expect((await ear.send(ear.api(requireAuth(issuer.options)), credentials)).status).toBe(401)
    },
    says: /DPoP/,
  },
  'A token in the query': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const token = await issuer.accessToken()
      const app = ear.api(requireAuth(issuer.options))
      const { status } = await request(app).get('/').query({ access_token: token })
      expect(status).toBe(401)
    },
    says: /missing_token/,
  },
  'Two tokens in one request': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      expect((await ear.send(ear.api(requireAuth(issuer.options)), 'Bearer a, Bearer b')).status).toBe(400)
    },
    says: /several words stand behind the scheme/,
  },
  'A middleware made per request': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api((req, res, next) => {
        requireAuth(issuer.options)(req, res, next)
      })
      expect((await ear.send(app, await issuer.accessToken())).status).toBe(200)
    },
    says: /Call it once, at start-up/,
  },
  '401 where 403 belongs, and 403 without scopes': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(requireAuth(issuer.options), requireScope('orders:write'))
      const answer = await ear.send(app, await issuer.accessToken({ scope: 'orders:read' }))
      expect(answer.status).toBe(403)
      expect(answer.headers['www-authenticate']).toContain('scope="orders:write"')
    },
    says: /orders:write/,
  },
  'Error texts that leak': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(requireAuth(issuer.options))
      const answer = await ear.send(app, await issuer.accessToken({ aud: 'https://other.example.com' }))
      expect(answer.status).toBe(401)
      expect(answer.text + JSON.stringify(answer.headers)).not.toMatch(/other\.example|api\.example/)
    },
    says: /other\.example/,
  },
  'Optional authentication that takes a forged token for none': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(optionalAuth(issuer.options))
      const token = await issuer.accessToken()
      expect((await ear.send(app, `${token.slice(0, -8)}AAAAAAAA`)).status).toBe(401)
    },
    says: /invalid_signature/,
  },
  'A preflight that is refused': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = express().use(requireAuth(issuer.options))
      const fields = { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' }
      expect((await request(app).options('/').set(fields)).status).toBe(401)
    },
    says: /mount cors\(\) above requireAuth\(\)/,
  },
  '`requireAuth()` below a route': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = express()
      const inventory = trackRoutes(app)
      app.get('/orders', (_req, res) => {
        res.end()
      })
      app.use(requireAuth(issuer.options))
      ear.hear('trackRoutes', String(inventory))
      try {
        expectProtected(app)
      } catch (error) {
        ear.hear('expectProtected', String(error))
      }
    },
    says: /trackRoutes[^]*NOTHING[^]*expectProtected[^]*\/orders/,
  },
  'Caching proxies': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(requireAuth(issuer.options), (req, res, next) => {
        res.set('Cache-Control', `private, max-age=${getAuth(req).subject === undefined ? '0' : '60'}`)
        next()
      })
      const refused = await ear.send(app, 'a.b.c')
      expect(refused.headers['cache-control']).toBe('no-store')
      const granted = await ear.send(app, await issuer.accessToken())
      expect(granted.headers['cache-control']).toBe('private, max-age=60')
      ear.hear('no-store', refused.headers['cache-control'])
    },
    says: /no-store/,
  },
}

import {
  appOnly,
  createResourceServer,
  delegated,
  requireAuth,
  requirePolicy,
  requireRole,
  requireScope,
} from 'express-resource-server'
import { createKey, forgeToken } from '../../kit/forge.js'
import type { Traps } from './hear.js'

/** Tokens that are not what they are taken for. */
export const tokens: Traps = {
  'The audience is a client id, shared with ID tokens': {
    run: async (ear) => {
      const issuer = await ear.issuer({ provider: 'keycloak' })
      expect(await ear.judge(issuer.options, await issuer.idToken({ aud: issuer.audience }))).toBe(401)
      const plain = await ear.issuer({ audience: 'client-1' })
      const { issuer: iss, audience: aud } = plain
      const bare = { iss, aud, sub: 'user-1', iat: plain.now(), exp: plain.now() + 300 }
      expect(await ear.judge(plain.options, await plain.sign(bare, { typ: 'JWT' }))).toBe(401)
    },
    says: /access token/,
  },
  '`typ` not checked, or demanded of those who send none': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      expect(await ear.judge(issuer.options, await issuer.accessToken({}, { typ: 'secevent+jwt' }))).toBe(401)
      const unmarked = { scope: undefined, client_id: undefined }
      expect(await ear.judge(issuer.options, await issuer.accessToken(unmarked, { typ: undefined }))).toBe(401)
      const okta = await ear.issuer({ provider: 'okta' })
      expect(await ear.judge(okta.options, await okta.accessToken({}, { typ: undefined }))).toBe(200)
    },
    says: /wrong_token_type[^]*unrecognised_token_type/,
  },
  'Algorithms from the metadata': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      expect(await ear.judge({ ...issuer.options, algorithms: ['RS256'] }, await issuer.accessToken())).toBe(401)
    },
    says: /ES256.*RS256|RS256.*ES256/,
  },
  'Certificates in headers that anybody sends': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const token = await issuer.accessToken({ cnf: { 'x5t#S256': 'A'.repeat(43) } })
      const forward = (req: { headers: Record<string, unknown> }, _res: unknown, next: () => void): void => {
        req.headers['x-forwarded-client-cert'] = 'Cert="anything"'
        next()
      }
      expect((await ear.send(ear.api(forward, requireAuth(issuer.options)), token)).status).toBe(401)
    },
    says: /key_bound_token/,
  },
  'A bound token as Bearer': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      expect(await ear.judge(issuer.options, await issuer.accessToken({ cnf: { jkt: 'A'.repeat(43) } }))).toBe(401)
    },
    says: /key_bound_token/,
  },
  'A missing `exp`, claims of other types': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      expect(await ear.judge(issuer.options, await issuer.accessToken({ exp: undefined }))).toBe(401)
      expect(await ear.judge(issuer.options, await issuer.accessToken({ nbf: '1' }))).toBe(401)
    },
    says: /exp[^]*nbf/,
  },
  'A token for Microsoft Graph': {
    run: async (ear) => {
      const issuer = await ear.issuer({ provider: 'entra' })
      const graph = '00000003-0000-0000-c000-000000000000'
      expect(await ear.judge(issuer.options, await issuer.accessToken({ aud: graph }, { nonce: 'n' }))).toBe(401)
      expect(await ear.judge(issuer.options, await issuer.accessToken({ aud: graph }))).toBe(401)
      ear.atStart(() => {
        ear.configure({ issuer: issuer.issuer, audience: graph })
      })
    },
    says: /Microsoft Graph/,
  },
  "Okta's org authorization server": {
    run: async (ear) => {
      ear.atStart(() => {
        ear.configure({ issuer: 'https://dev-1.okta.com', audience: 'api://default' })
      })
      const issuer = await ear.issuer({ provider: 'okta' })
      const token = await issuer.accessToken({}, { typ: 'application/okta-internal-at+jwt' })
      expect(await ear.judge(issuer.options, token)).toBe(401)
    },
    says: /org authorization server/,
  },
  'Auth0 without `audience`': {
    run: async (ear) => {
      const issuer = await ear.issuer({ provider: 'auth0' })
      const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..AAAA.AAAA.AAAA`
      expect(await ear.judge(issuer.options, encrypted)).toBe(401)
      await ear.explain(issuer.options, encrypted)
    },
    says: /audience/,
  },
  'Groups that were too many for the token': {
    run: async (ear) => {
      const issuer = await ear.issuer({ provider: 'entra' })
      const token = await issuer.accessToken({ roles: undefined, _claim_names: { roles: 'src1' } })
      expect(await ear.judge(issuer.options, token, requireRole('clerk'))).toBe(403)
    },
    says: /an overage of Microsoft Entra/,
  },
  "An app's token where a user's is meant": {
    run: async (ear) => {
      const issuer = await ear.issuer({ provider: 'auth0' })
      expect(await ear.judge(issuer.options, await issuer.appToken(), requirePolicy(delegated()))).toBe(403)
      expect(await ear.judge(issuer.options, await issuer.accessToken(), requirePolicy(appOnly()))).toBe(403)
    },
    says: /not delegated by a user[^]*not app-only/,
  },
  'Scopes compared in part': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      for (const scope of ['orders:read:all', 'order', 'Orders:Read', 'xorders:read']) {
        const token = await issuer.accessToken({ scope })
        expect(await ear.judge(issuer.options, token, requireScope('orders:read'))).toBe(403)
      }
    },
    says: /orders:read/,
  },
  '`__proto__`, two keys of one `kid`, keys out of the header': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const key = createKey('P-256', { kid: 'a' })
      expect(await ear.judge(issuer.options, await issuer.accessToken({}, { jwk: key.jwk }))).toBe(401)
      const claims = `{"iss":${JSON.stringify(issuer.issuer)},"__proto__":{"scope":"admin"}}`
      expect(await ear.judge(issuer.options, forgeToken({ alg: 'ES256', kid: 'a' }, claims, key.sign))).toBe(401)
      const keys = [key.jwk, createKey('P-256', { kid: 'a' }).jwk]
      ear.atStart(() => {
        ear.configure({ audience: 'orders', issuer: { issuer: 'https://login.example.com', jwks: { keys } } })
      })
    },
    says: /holds two keys named "a"/,
  },
  'Connections that outlive the token': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const { expiresAt } = await createResourceServer(issuer.options).verifyToken(await issuer.accessToken())
      expect(expiresAt).toBeGreaterThan(issuer.now())
      ear.hear('expiresAt', String(expiresAt))
    },
    says: /\d/,
  },
  'A cache of verified tokens by functions of the user': {
    run: async (ear) => {
      const issuer = await ear.issuer()
      const app = ear.api(requireAuth(issuer.options))
      const token = await issuer.accessToken()
      for (const status of [200, 200]) expect((await ear.send(app, token)).status).toBe(status)
      const [header = '', payload = '', signature = ''] = token.split('.')
      const other = Buffer.from(payload, 'base64url').toString().replace('user-1', 'user-2')
      const forged = [header, Buffer.from(other).toString('base64url'), signature].join('.')
      expect((await ear.send(app, forged)).status).toBe(401)
      issuer.advance(600)
      expect((await ear.send(app, token)).status).toBe(401)
    },
    says: /invalid_signature[^]*token_expired/,
  },
}

import fc from 'fast-check'
import { createKey, forgeToken } from '../kit/forge.js'
import { run, writeInput } from './run.js'

const ISSUER = 'https://login.example.com'
const key = createKey('P-256', { kid: 'key-1' })
const secret = 'c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWUtZXZlci0x'
const jwks = writeInput(JSON.stringify({ keys: [{ kty: 'oct', kid: 'key-1', alg: 'HS256', k: secret }] }))
const publicKeys = writeInput(JSON.stringify({ keys: [key.jwk] }))

const names = fc.constantFrom(
  'sub',
  'email',
  'name',
  'cnf',
  'nonce',
  'exp',
  'iat',
  'groups',
  'realm_access',
  '__proto__',
)
const value = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer()),
  fc.object({ maxDepth: 2 }),
)
const claims = fc.dictionary(names, value)
const header = fc.record({
  alg: fc.constantFrom('ES256', 'HS256', 'none', 'RS256'),
  kid: fc.constantFrom('key-1', 'b'),
})
const wrapped = fc.constantFrom(
  (token: string) => token,
  (token: string) => `Bearer ${token}`,
  (token: string) => `Authorization: Bearer ${token} ${token}`,
  (token: string) => JSON.stringify({ access_token: token }),
  (token: string) => `https://api.example.com/?access_token=${token}`,
  (token: string) => `${token}.${token}`,
  (token: string) => token.replaceAll('.', '_'),
)

describe('nothing that is written', () => {
  it('holds a part of the token, a secret, or the query of a key set', async () => {
    const property = fc.asyncProperty(claims, header, wrapped, fc.boolean(), async (some, head, wrap, isJson) => {
      const token = forgeToken(head, { iss: ISSUER, aud: 'api', ...some }, key.sign)
      const common = ['explain', '--issuer', ISSUER, '--audience', 'api', ...(isJson ? ['--json'] : [])]
      const ways = [
        [...common, '--jwks', jwks, '--algorithms', 'HS256', '--offline'],
        [...common, '--jwks', publicKeys, '--offline'],
        [...common, '--jwks-uri', 'http://127.0.0.1:1/jwks?api_key=sesame-opens'],
      ]
      for (const args of ways) {
        const { output, errors } = await run(args, { input: wrap(token) })
        const all = output + errors
        for (const part of token.split('.')) expect(all).not.toContain(part.slice(0, 24))
        expect(all).not.toContain(token.split('.')[2]?.slice(0, 12))
        expect(all).not.toContain(secret)
        expect(all).not.toContain('sesame')
      }
    })
    await fc.assert(property, { numRuns: 1000 })
  })

  it('moves the cursor of a terminal, whatever a token says', async () => {
    const odd = '\u001b[2J\u0007\u202e'
    const token = forgeToken({ alg: odd, typ: odd, kid: odd }, { iss: odd, aud: odd, [odd]: 1, scope: odd }, key.sign)
    const { output } = await run(['explain', '--issuer', ISSUER, '--audience', 'api', '--jwks', publicKeys], {
      input: token,
    })
    expect(output).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

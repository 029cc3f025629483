import { createResourceServer } from 'express-resource-server'
import { forgeToken } from '../kit/forge.js'
import { accessClaims, accessHeader, tokenOf } from '../kit/forged-api.js'
import {
  activeAnswer,
  createIntrospectingApi,
  ENDPOINT,
  TOKEN,
  type IntrospectingApi,
} from '../kit/introspecting-api.js'

const explain = (api: IntrospectingApi, token: string) => createResourceServer(api.options).explainToken(token)

describe('explainToken, of an opaque token', () => {
  it('says what was asked, as whom, and what came, check by check', async () => {
    const api = createIntrospectingApi()
    const { verdict, checks } = await explain(api, TOKEN)
    expect(verdict).toBe('accepted')
    expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(
      [
        'introspection',
        'expiry',
        'kind',
        'claims',
        'audience',
        'not before',
        'age',
        'binding',
        'authority',
        'schema',
      ].map((name) => `${name} passed`),
    )
    expect(checks[0]?.detail).toBe(
      `${ENDPOINT}, asked as client "orders-api", said that it is active, with "iss", "aud", "sub", "client_id", "jti" and 4 more`,
    )
    expect(JSON.stringify(checks)).not.toContain(TOKEN)
  })

  it('names the check that fails', async () => {
    const api = createIntrospectingApi()
    api.answerWith(() => Response.json(activeAnswer({ aud: 'https://other.example' })))
    const { verdict, code, checks } = await explain(api, TOKEN)
    expect([verdict, code]).toEqual(['refused', 'wrong_audience'])
    expect(checks.find(({ outcome }) => outcome === 'failed')?.name).toBe('audience')
  })

  it('says of one that is not active that its issuer says so, and skips what cannot be judged', async () => {
    const api = createIntrospectingApi()
    api.answerWith(() => Response.json({ active: false }))
    const { code, checks } = await explain(api, TOKEN)
    expect(code).toBe('token_inactive')
    expect(checks[0]?.detail).toBe(`${ENDPOINT}, asked as client "orders-api", said that it is not active`)
    expect(checks.slice(1).every(({ outcome }) => outcome === 'skipped')).toBe(true)
  })

  it('cannot tell while the issuer does not answer', async () => {
    const api = createIntrospectingApi()
    api.answerWith(() => new Response(null, { status: 500 }))
    const { verdict, code } = await explain(api, TOKEN)
    expect([verdict, code]).toEqual(['undecided', 'introspection_unavailable'])
  })

  it('asks nobody about a JWT that fails before', async () => {
    const api = createIntrospectingApi({ tokens: 'all' })
    const good = tokenOf(api.key, 'ES256')
    const bad = forgeToken(accessHeader(api.key), accessClaims(), () => Buffer.alloc(64))
    expect((await explain(api, bad)).code).toBe('invalid_signature')
    expect(api.calls).toHaveLength(0)
    const { verdict, checks } = await explain(api, good)
    expect([verdict, checks.find(({ name }) => name === 'active')?.outcome]).toEqual(['accepted', 'passed'])
    expect(api.calls).toHaveLength(1)
  })
})

import { createResourceServer, type IssuerOptions } from 'express-resource-server'
import { createKey } from '../kit/forge.js'
import { AUDIENCE, ISSUER, NOW } from '../kit/forged-api.js'
import { activeAnswer, ENDPOINT, introspection, TOKEN, type Introspection } from '../kit/introspecting-api.js'

const JWKS = `${ISSUER}/jwks`
const { jwk } = createKey('P-256')
const places = { introspection_endpoint: ENDPOINT, jwks_uri: JWKS }

interface Setting {
  readonly own?: Partial<Introspection>
  readonly issuer?: Partial<IssuerOptions>
  /** Undefined where there is none. */
  readonly metadata: object | undefined
  readonly keys?: number
}

function begin({ own, issuer, metadata, keys = 200 }: Setting) {
  const asked: string[] = []
  const fetch = (url: string): Promise<Response> => {
    asked.push(url)
    const answer = (): Response => {
      if (url === ENDPOINT) return Response.json(activeAnswer())
      if (url === JWKS) return Response.json({ keys: [jwk] }, { status: keys })
      return metadata === undefined
        ? new Response(null, { status: 404 })
        : Response.json({ issuer: ISSUER, ...metadata })
    }
    return Promise.resolve(answer())
  }
  const server = createResourceServer({
    issuer: { issuer: ISSUER, introspection: { ...introspection, ...own }, ...issuer },
    audience: AUDIENCE,
    fetch,
    clock: () => NOW * 1000,
  })
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'good',
      (error: unknown) => (error as { code: string }).code,
    )
  return { asked, ready: () => codeOf(server.ready()), ask: () => codeOf(server.verifyToken(TOKEN)) }
}

describe('who introspects is ready', () => {
  const rows: readonly (readonly [name: string, setting: Setting])[] = [
    ['with the keys, where the issuer publishes some', { metadata: places }],
    ['without any, where its metadata names none', { metadata: { ...places, jwks_uri: undefined } }],
    ['where it has no metadata, but the endpoint is known', { metadata: undefined, own: { endpoint: ENDPOINT } }],
    ['where its metadata names neither, but the endpoint is known', { metadata: {}, own: { endpoint: ENDPOINT } }],
  ]
  it.each(rows)('%s', async (_name, setting) => {
    const { ready, ask, asked } = begin(setting)
    expect(await ready()).toBe('good')
    const isPublished = (setting.metadata as { jwks_uri?: string } | undefined)?.jwks_uri !== undefined
    expect(asked.includes(JWKS)).toBe(isPublished)
    expect(await ask()).toBe('good')
  })
})

describe('who introspects is not ready', () => {
  const noKeys = { ...places, jwks_uri: undefined }
  const rows: readonly (readonly [name: string, setting: Setting, code: string])[] = [
    ['while keys that are published cannot be had', { metadata: places, keys: 500 }, 'issuer_unavailable'],
    ['where JWTs are asked about', { metadata: noKeys, own: { tokens: 'all' } }, 'issuer_unavailable'],
    ['where answers must be signed', { metadata: noKeys, own: { signedResponse: 'required' } }, 'issuer_unavailable'],
    ['where the place of the keys makes no sense', { metadata: { ...places, jwks_uri: 1 } }, 'issuer_unavailable'],
    ['where that is http', { metadata: { ...places, jwks_uri: 'http://issuer.example.com/' } }, 'issuer_unavailable'],
    ['where nobody says where to ask', { metadata: {} }, 'introspection_unavailable'],
    ['without metadata', { metadata: undefined }, 'introspection_unavailable'],
    ['by the metadata of another', { metadata: { ...noKeys, issuer: 'https://other.example' } }, 'issuer_unavailable'],
    [
      'where keys are named that are not there',
      { metadata: {}, issuer: { jwksUri: JWKS }, keys: 404 },
      'issuer_unavailable',
    ],
  ]
  it.each(rows)('%s', async (_name, setting, code) => {
    expect(await begin(setting).ready()).toBe(code)
  })
})

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

interface Span {
  readonly name: string
  readonly trace: string
  readonly isServer: boolean
  readonly hasFailed: boolean
  readonly takesTime: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}
type Names = 'first' | 'second' | 'third' | 'denied' | 'refused' | 'anonymous' | 'slow' | 'down'

interface Told {
  readonly issuer: string
  readonly token: string
  readonly spans: Readonly<Record<Names, readonly Span[]>>
}

let told: Told
let printed: string
beforeAll(async () => {
  const script = fileURLToPath(new URL('traced-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script])
  printed = stdout
  told = JSON.parse(stdout) as Told // what the script writes
}, 60_000)

const ours = (name: Names): readonly string[] =>
  told.spans[name].map((span) => span.name).filter((one) => one.startsWith('express-resource-server'))

/** What is said of a request. */
const said = (name: Names): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    told.spans[name]
      .filter(({ isServer }) => isServer)
      .flatMap(({ attributes }) => Object.entries(attributes))
      .filter(([attribute]) => attribute.startsWith('express_resource_server.'))
      .map(([attribute, value]) => [attribute.replace('express_resource_server.', ''), value]),
  )

describe('the spans, beside the instrumentations of HTTP and of Express', () => {
  it('are there for what had to be waited for, and not for what answers at once', () => {
    expect(ours('first')).toEqual(['express-resource-server keys.load', 'express-resource-server authenticate'])
    expect(ours('third')).toEqual([])
    expect(ours('slow')).toEqual(['express-resource-server authorize'])
    expect(ours('down')).toEqual(['express-resource-server keys.load', 'express-resource-server authenticate'])
  })

  it('belong to the trace of their request, and take as long as they took', () => {
    for (const spans of Object.values(told.spans)) {
      expect(new Set(spans.map(({ trace }) => trace)).size).toBe(1)
      expect(spans.every(({ takesTime }) => takesTime)).toBe(true)
    }
  })

  it('say that they failed, and by which code', () => {
    const failed = told.spans.down.filter(({ name }) => name.startsWith('express-resource-server'))
    expect(failed.map(({ hasFailed, attributes }) => [hasFailed, attributes['error.type']])).toEqual([
      [true, 'issuer_unavailable'],
      [true, 'issuer_unavailable'],
    ])
  })

  it.each<[Names, Readonly<Record<string, unknown>>]>([
    [
      'third',
      {
        'authentication.result': 'success',
        'authentication.scheme': 'Bearer',
        'authentication.is_remembered': true,
        'authorization.result': 'success',
      },
    ],
    ['denied', { 'authentication.result': 'success', 'authorization.result': 'failure', code: 'insufficient_scope' }],
    ['refused', { 'authentication.result': 'failure', code: 'malformed_token' }],
    ['anonymous', { 'authentication.result': 'none', code: 'missing_token' }],
    ['down', { 'authentication.result': 'undecided', code: 'issuer_unavailable' }],
  ])('have on the span of the server what came of a request: %s', (name, about) => {
    expect(said(name)).toMatchObject(about)
  })

  it('hold no token, and leave the route to the instrumentation of Express', () => {
    const server = told.spans.third.find(({ isServer }) => isServer)
    expect(server?.attributes['http.route']).toBe('/orders/:id')
    const text = printed.replace(`"token":"${told.token}"`, '')
    for (const part of [...told.token.split('.'), 'sesame']) expect(text).not.toContain(part)
  })
})

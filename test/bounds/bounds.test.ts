import { jest } from '@jest/globals'
import { AuthError } from '../../src/errors.js'
import { weighTree } from '../../src/lib/weigh-tree.js'
import type { Authenticator } from '../../src/authenticator.js'
import { encode } from '../kit/forge.js'
import { junk, usual } from './junk.js'
import { createServer, heapUsed, mint } from './memory.js'

const MB = 1024 * 1024
/** A name that is no claim's. */
const name = (n: number): string => `$${n.toString(36)}`
const times = (count: number, piece: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => piece(n)).join()

/** Members that cost most for their length, as many of each as a token may have. */
const odd: Readonly<Record<string, (n: number) => string>> = {
  'empty objects': () => `"x":[${times(700, () => '{}')}]`,
  'objects of other shapes': (n) => `"x":[${times(700, (i) => `{"${name(i + n * 1000)}":1}`)}]`,
  members: (n) => times(700, (i) => `"${name(i + n * 1000)}":1`),
  'empty arrays': () => `"x":[${times(700, () => '[]')}]`,
  'short texts': (n) => `"x":[${times(1500, (i) => `"${name((i + n * 2000) % 46_000)}"`)}]`,
  fractions: () => `"x":[${times(1500, (i) => `${String(i % 1000)}.5`)}]`,
  'one long text': () => `"x":"${'x'.repeat(10_000)}"`,
  'letters of two bytes': () => `"x":"${'\u4e2d'.repeat(3400)}"`,
}

describe('what stays in memory', () => {
  it('is nothing of anonymous requests, however different their headers and their names', async () => {
    const server = createServer()
    const forge = (n: number): string =>
      `${encode({ alg: 'HS256', kid: `k${String(n)}`, x: Array.from({ length: 60 }, (_, i) => ({ [name(i + n * 100)]: 1 })) })}.${encode({ iss: `https://${name(n)}.example`, exp: 1_800_000_300 })}.AAAA`
    const refuse = async (n: number) => expect(server.verifyToken(forge(n))).rejects.toMatchObject({ status: 401 })
    for (let n = 0; n < 50; n++) await refuse(n)
    const before = heapUsed()
    for (let n = 1000; n < 2000; n++) await refuse(n)
    expect(heapUsed() - before).toBeLessThan(MB)
    await server.verifyToken(mint(0))
  })

  /** What a server holds when each token came twice, which is when it is kept. */
  async function heldBy(server: Authenticator, count: number, make: (n: number) => string): Promise<number> {
    await server.verifyToken(mint(0))
    const before = heapUsed()
    for (let n = 0; n < count; n++) {
      const token = make(n)
      await server.verifyToken(token)
      await server.verifyToken(token)
    }
    const held = heapUsed() - before
    // Still there, and not garbage itself.
    await server.verifyToken(mint(0))
    return held
  }

  it.each(Object.entries(odd))('of 400 tokens of %s is no more than the cache may hold', async (_kind, make) => {
    // Room for 1000 usual tokens of 1.5 KB.
    const held = await heldBy(createServer(1000), 400, (n) => mint(n, make(n)))
    expect(held).toBeLessThan(1.25 * 1000 * 1536)
  })

  it('of 10,000 usual tokens is what the default says, and all of them stay', async () => {
    const held = await heldBy(createServer(), 10_000, mint)
    expect(held).toBeGreaterThan(5 * MB)
    expect(held).toBeLessThan(1.25 * 15 * MB)
  })

  it.each(Object.entries(odd))('is never much more than it was weighed: %s', async (_kind, make) => {
    const claims: unknown = JSON.parse(`{${make(0)}}`)
    const held = await heldBy(createServer(100_000), 100, (n) => mint(n, make(n)))
    expect(held / 100).toBeLessThan(1.25 * (1536 + weighTree(claims)))
  })
})

describe('the work on an anonymous token', () => {
  it.each(Object.entries({ usual, ...junk }))(
    'is bounded before anything is made of it: %s',
    (_what, authorization) => {
      const server = createServer()
      const parse = jest.spyOn(JSON, 'parse')
      const freeze = jest.spyOn(Object, 'freeze')
      expect(() => void server.authenticate({ headers: { authorization } })).toThrow(AuthError)
      const parsed = parse.mock.results.filter(({ type }) => type === 'return').map(({ value }) => sizeOf(value))
      const frozen = freeze.mock.calls.length
      parse.mockRestore()
      freeze.mockRestore()
      for (const { containers, members, values } of parsed) {
        expect(containers).toBeLessThanOrEqual(768)
        expect(members).toBeLessThanOrEqual(768)
        expect(values).toBeLessThanOrEqual(2048 + 768)
      }
      // The headers of the answer.
      expect(frozen).toBeLessThanOrEqual(2)
    },
  )
})

function sizeOf(tree: unknown): { readonly containers: number; readonly members: number; readonly values: number } {
  if (typeof tree !== 'object' || tree === null) return { containers: 0, members: 0, values: 1 }
  const children = Object.values(tree).map(sizeOf)
  const sum = (of: 'containers' | 'members' | 'values'): number =>
    children.reduce((total, child) => total + child[of], 0)
  const own = Array.isArray(tree) ? 0 : children.length
  return { containers: 1 + sum('containers'), members: own + sum('members'), values: 1 + sum('values') }
}

import { createResourceServer, AuthError } from 'express-resource-server/core'
import { createDevIssuer, type DevIssuer } from '../../src/cli/dev/create-dev-issuer.js'
import { lookAlikes, type LookAlike } from '../../src/cli/dev/look-alikes.js'
import { codeOf, wrongNames, wrongs } from '../../src/cli/dev/mint.js'
import { readPeople } from '../../src/cli/dev/people.js'
import { profileNames } from '../../src/tokens/profiles/index.js'

interface World {
  readonly issuer: DevIssuer
  readonly judge: (order: object) => Promise<string>
  readonly order: (order: object) => Promise<Readonly<Record<string, unknown>>>
}

async function open(like: LookAlike): Promise<World> {
  const origin = 'http://127.0.0.1:9400'
  const people = readPeople(undefined, () => undefined)
  // Keys that were fetched a moment ago are not fetched again for a key that nobody knows.
  let time = Date.now()
  const clock = (): number => time
  const issuer = await createDevIssuer({ origin, like, people, seconds: undefined, audience: undefined, clock })
  const ask = async (url: string, method: string, body = '') => {
    const headers = { 'content-type': 'application/json' }
    const { status, body: text } = await issuer.answer({ method, url: new URL(url), headers, body })
    return new Response(text, { status, headers: { 'Content-Type': 'application/json' } })
  }
  const profile = profileNames.find((name) => name === like)
  const server = createResourceServer({
    issuer: issuer.issuer,
    audience: issuer.audience,
    ...(profile !== undefined && { profile }),
    fetch: (url: string) => ask(url, 'GET'),
    clock,
  })
  const order = async (what: object) =>
    (await (await ask(`${origin}/dev/token`, 'POST', JSON.stringify(what))).json()) as Record<string, unknown>
  return {
    issuer,
    order,
    judge: async (what) => {
      time += 60_000
      const { token } = await order(what)
      try {
        await server.verifyToken(String(token))
        return 'accepted'
      } catch (error) {
        return error instanceof AuthError ? error.code : String(error)
      }
    },
  }
}

describe('the tokens of "dev token"', () => {
  it('promises the code of its table, but for two ID tokens that give themselves away before', () => {
    const others = lookAlikes.flatMap((like) =>
      wrongNames.filter((name) => codeOf(name, like) !== wrongs[name].code).map((name) => `${like} ${name}`),
    )
    expect(others.sort()).toEqual(['adfs id-token', 'spring id-token'])
  })

  describe.each(lookAlikes)('like %s', (like) => {
    let world: World
    beforeAll(async () => {
      world = await open(like)
    })

    it.each([{ person: 'user-1' }, { person: 'admin-1', scope: 'orders:read' }])('lets %j in', async (what) => {
      expect(await world.judge(what)).toBe('accepted')
    })

    const rows = wrongNames.map((name) => [name, codeOf(name, like)] as const)
    it.each(rows)('%s is refused as %s', async (wrong, code) => {
      expect(await world.order({ person: 'user-1', wrong })).toMatchObject({ code })
      expect(await world.judge({ person: 'user-1', wrong })).toBe(code)
    })
  })
})

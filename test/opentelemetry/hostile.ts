import { createResourceServer, scope, type ReasonCode } from '../../src/core.js'
import { createTestIssuer } from '../../src/testing/index.js'
import { createRandom } from '../../tools/random.js'

/** Sends so many requests as somebody would who means harm, and has accounts as well; answers which codes they got. */
export async function sendHostile(count: number, seed = 1): Promise<ReadonlySet<ReasonCode | 'granted'>> {
  const random = createRandom(seed)
  const text = (length: number): string =>
    Array.from({ length }, () => Math.floor(random.next() * 36).toString(36)).join('')
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  const server = createResourceServer({ ...issuer.options, dpop: { origin: 'https://api.example.com' } })
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const good = await issuer.accessToken({ scope: 'orders:read' })
  const [head = '', body = '', signature = ''] = good.split('.')
  const genuine = [
    good,
    await issuer.idToken(),
    await issuer.accessToken({ aud: 'other' }),
    await issuer.accessToken({ exp: 1 }),
    await issuer.accessToken({ cnf: { jkt: text(43) } }),
    await issuer.accessToken({ scope: { odd: true } }),
  ]
  const forged = (): string => {
    const iss = random.pick([issuer.issuer, `https://${text(8)}.example.com`, text(300), 7])
    const claims = {
      iss,
      exp: random.pick([1, 4_000_000_000, text(3)]),
      aud: text(9),
      client_id: text(9),
      [text(4)]: text(9),
    }
    return [
      encode({
        alg: random.pick(['ES256', 'none', 'HS256', text(5)]),
        kid: text(6),
        typ: random.pick(['at+jwt', text(9)]),
      }),
      encode(claims),
      signature,
    ].join('.')
  }
  const tokens = [
    () => random.pick(genuine),
    forged,
    () => text(40),
    () => `${head}.${body}.${signature.slice(0, -4)}${text(4)}`,
    () => `${text(9)}.${text(9)}.${text(9)}`,
    () => text(9) + ' ' + text(9),
  ]
  const authorization = (): string | undefined =>
    random.pick([
      () => `Bearer ${random.pick(tokens)()}`,
      () => `Bearer ${random.pick(tokens)()}`,
      () => `${random.pick(['bearer', 'DPoP', 'Basic', text(7)])} ${random.pick(tokens)()}`,
      () => undefined,
      () => text(12),
    ])()
  const seen = new Set<ReasonCode | 'granted'>()
  for (let i = 0; i < count; i++) {
    const value = authorization()
    const headers = { ...(value !== undefined && { authorization: value }), dpop: text(20) }
    const request = { method: random.pick(['GET', text(5)]), url: `/${text(12)}`, rawHeaders: [], headers }
    const code = await server.authenticate(request).then(
      async (auth) =>
        (await server.authorize(auth, scope(random.pick(['orders:read', 'admin'])), request))?.code ?? 'granted',
      (error: unknown) => (error as { readonly code: ReasonCode }).code, // a refusal
    )
    seen.add(code)
  }
  server.close()
  return seen
}

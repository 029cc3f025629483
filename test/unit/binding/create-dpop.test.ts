import { createHash, randomUUID } from 'node:crypto'
import { isFailure } from '../../../src/errors.js'
import type { DpopSettings } from '../../../src/binding/dpop/create-dpop.js'
import type { PresentedProof } from '../../../src/binding/dpop/proof.js'
import { createMemoryStore } from '../../../src/stores/memory-store.js'
import type { Store } from '../../../src/stores/store.js'
import {
  athOf,
  createClientKey,
  createProof,
  dpopAt,
  NOW,
  ORIGIN,
  present,
  signTexts,
  TOKEN,
  type ClientKey,
  type ProofChanges,
} from '../../kit/dpop.js'

const key = createClientKey()
const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503 }) as Error
const usedBefore = { code: 'invalid_dpop_proof', detail: 'it was used before', isReplay: true }
const taken = { method: 'dpop', thumbprint: key.thumbprint, nonce: undefined }

const proofWith = (claims: ProofChanges['claims'] = {}): string => createProof(key, { claims })

/** The same signature in its other form: s, or the order of the curve less s. */
function twinOf(proof: string): string {
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const [header = '', payload = '', signature = ''] = proof.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`
}

describe('a proof that came before', () => {
  it.each<readonly [string, ProofChanges['claims'], Partial<PresentedProof>]>([
    ['as it was', {}, {}],
    ['signed anew, with the same jti', { iat: NOW + 1 }, {}],
    ['with another token of the same key', { ath: athOf('another') }, { token: 'another' }],
    [
      'with the URI spelt in another way',
      { htu: `HTTPS://API.example.com:443/x/../orders?a=1` },
      { target: '/orders?b=2' },
    ],
    ['with a claim more', { extra: 1 }, {}],
  ])('is refused %s', async (_name, claims, changes) => {
    const { dpop } = dpopAt()
    expect(await dpop.take(present(key, proofWith({ jti: 'one' })))).toEqual(taken)
    expect(await dpop.take(present(key, proofWith({ jti: 'one', ...claims }), changes))).toEqual(usedBefore)
  })

  it('is refused with the twin of its signature, and with another algorithm of its key', async () => {
    const { dpop } = dpopAt()
    const proof = proofWith()
    expect(await dpop.take(present(key, proof))).toEqual(taken)
    expect(twinOf(proof)).not.toBe(proof)
    expect(await dpop.take(present(key, twinOf(proof)))).toEqual(usedBefore)

    const ps = createClientKey('PS256')
    const rs = { ...ps, alg: 'RS256' }
    const claims = { jti: 'two' }
    expect(await dpop.take(present(ps, createProof(ps, { claims })))).toMatchObject({ method: 'dpop' })
    expect(await dpop.take(present(rs, createProof(rs, { claims })))).toEqual(usedBefore)
  })

  it.each<readonly [string, ProofChanges['claims'], Partial<PresentedProof>]>([
    ['another jti', { jti: 'two' }, {}],
    ['another method', { htm: 'POST' }, { method: 'POST' }],
    ['another path', { htu: `${ORIGIN}/orders/1` }, { target: '/orders/1' }],
  ])('is another with %s', async (_name, claims, changes) => {
    const { dpop } = dpopAt()
    expect(await dpop.take(present(key, proofWith({ jti: 'one' })))).toEqual(taken)
    expect(await dpop.take(present(key, proofWith({ jti: 'one', ...claims }), changes))).toEqual(taken)
  })

  it('is another with another key', async () => {
    const { dpop } = dpopAt()
    const other = createClientKey()
    const claims = { jti: 'one' }
    expect(await dpop.take(present(key, proofWith(claims)))).toEqual(taken)
    expect(await dpop.take(present(other, createProof(other, { claims })))).toMatchObject({ method: 'dpop' })
  })

  it('is refused for as long as any process could take it for fresh', async () => {
    const { dpop, at, store } = dpopAt()
    // As far ahead as it may be: it stays fresh for 70 seconds, and longest for those whose clocks are behind.
    const proof = proofWith({ iat: NOW + 10 })
    expect(await dpop.take(present(key, proof))).toEqual(taken)
    for (const seconds of [1, 35, 69, 70]) {
      at(seconds)
      expect(await dpop.take(present(key, proof))).toEqual(usedBefore)
    }
    const replayKey = createHash('sha256')
    const [, payload = ''] = proof.split('.')
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string }
    const name = replayKey.update(JSON.stringify([key.thumbprint, jti, 'GET', `${ORIGIN}/orders`])).digest('base64url')
    at(79.9)
    expect(store.has(`replay:${name}`)).toBe(true)
    at(81)
    expect(store.has(`replay:${name}`)).toBe(false)
    expect(await dpop.take(present(key, proof))).toMatchObject({ code: 'invalid_dpop_proof' })
  })

  it('is taken once of a hundred at once', async () => {
    const { dpop } = dpopAt()
    const proof = proofWith()
    const answers = await Promise.all(Array.from({ length: 100 }, () => dpop.take(present(key, proof))))
    expect(answers.filter((answer) => !isFailure(answer))).toHaveLength(1)
  })

  it('is refused in another process that shares the store', async () => {
    const store = createMemoryStore({ clock: () => NOW * 1000 })
    const [one, two] = [dpopAt({ store }), dpopAt({ store })]
    const proof = proofWith()
    expect(await one.dpop.take(present(key, proof))).toEqual(taken)
    expect(await two.dpop.take(present(key, proof))).toEqual(usedBefore)
  })

  it('is not taken again after the clock was set back', async () => {
    const { dpop, at } = dpopAt()
    const proof = proofWith()
    expect(await dpop.take(present(key, proof))).toEqual(taken)
    at(300)
    for (let i = 0; i < 5; i++) expect(await dpop.take(present(key, proofWith({ iat: NOW + 300 })))).toEqual(taken)
    at(0)
    await expect(dpop.take(present(key, proof))).rejects.toEqual(unavailable)
  })
})

describe('the store of used proofs', () => {
  it('is asked last: a proof that is refused takes no room', async () => {
    const asked: string[] = []
    const store: Store = {
      ...createMemoryStore(),
      addIfAbsent(name) {
        asked.push(name)
        return 'added'
      },
    }
    const { dpop } = dpopAt({ store })
    const other = createClientKey()
    for (const presented of [
      present(key, undefined),
      present(key, 'x'),
      present(key, proofWith({ iat: NOW - 61 })),
      present(key, proofWith({ ath: 'x' })),
      present(other, proofWith()),
      present(key, `${proofWith().slice(0, -8)}AAAAAAAA`),
    ]) {
      expect(isFailure(await dpop.take(presented))).toBe(true)
    }
    expect(asked).toEqual([])
    await dpop.take(present(key, proofWith()))
    expect(asked).toHaveLength(1)
    // A digest: nothing of the proof is in there.
    expect(asked[0]).toMatch(/^replay:[\w-]{43}$/)
  })

  it('that is full makes it 503, and lets nobody in whom it had forgotten', async () => {
    const { dpop } = dpopAt({ store: createMemoryStore({ maxEntries: 2, clock: () => NOW * 1000 }) })
    const first = proofWith()
    expect(await dpop.take(present(key, first))).toEqual(taken)
    expect(await dpop.take(present(key, proofWith()))).toEqual(taken)
    for (let i = 0; i < 20; i++) await expect(dpop.take(present(key, proofWith()))).rejects.toEqual(unavailable)
    expect(await dpop.take(present(key, first))).toEqual(usedBefore)
  })

  it.each<readonly [string, () => unknown]>([
    ['fails', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['hangs', () => new Promise(() => undefined)],
    ['answers nonsense', () => true],
  ])('that %s makes it 503', async (_name, addIfAbsent) => {
    // It is anybody's.
    const store = { ...createMemoryStore(), addIfAbsent } as unknown as Store
    await expect(dpopAt({ store, storeTimeoutSeconds: 0.01 }).dpop.take(present(key, proofWith()))).rejects.toEqual(
      unavailable,
    )
  })

  it('is not asked for a proof that ceased to be fresh while it was judged', async () => {
    let readings = 0
    const clock = (): number => (readings++ === 0 ? NOW : NOW + 71) * 1000
    const { dpop } = dpopAt({ clock })
    expect(await dpop.take(present(key, proofWith()))).toEqual({
      code: 'invalid_dpop_proof',
      detail: 'it ceased to be fresh while it was judged',
    })
  })
})

describe('judging alone', () => {
  it('uses nothing up', async () => {
    const { dpop } = dpopAt()
    const proof = proofWith()
    for (let i = 0; i < 3; i++)
      expect(await dpop.judge(present(key, proof), NOW)).toMatchObject({ thumbprint: key.thumbprint })
    expect(await dpop.take(present(key, proof))).toEqual(taken)
  })
})

describe('nonces', () => {
  const nonce: DpopSettings['nonce'] = { secret: 's'.repeat(32), everySeconds: 100 }
  const needed = expect.objectContaining({ code: 'use_dpop_nonce' }) as object

  it('are asked for when there is none in the proof, once they are used here', async () => {
    const { dpop } = dpopAt({ nonce })
    expect(await dpop.take(present(key, proofWith()))).toEqual(needed)
    // No client gets back to proofs without.
    expect(await dpop.take(present(key, proofWith({ nonce: dpop.currentNonce() })))).toEqual(taken)
    expect(await dpop.take(present(key, proofWith()))).toEqual(needed)
  })

  it('are texts that a header may carry, and say nothing', () => {
    expect(dpopAt({ nonce }).dpop.currentNonce()).toMatch(/^[\w-]{43}$/)
    expect(dpopAt().dpop.currentNonce()).toBeUndefined()
  })

  it('are taken for twice the interval, and the new one comes with an answer in time', async () => {
    const { dpop, at } = dpopAt({ nonce })
    const first = dpop.currentNonce()
    const ask = (seconds: number) => {
      at(seconds)
      return dpop.take(present(key, proofWith({ nonce: first, iat: NOW + seconds })))
    }
    expect(await ask(99)).toEqual(taken)
    const late = await ask(100)
    expect(late).toEqual({ ...taken, nonce: dpop.currentNonce() })
    expect(dpop.currentNonce()).not.toBe(first)
    expect(await ask(199)).toEqual({ ...taken, nonce: dpop.currentNonce() })
    expect(await ask(200)).toEqual(needed)
  })

  it('of a process whose clock is ahead are taken, and followed', async () => {
    const [behind, ahead] = [dpopAt({ nonce }), dpopAt({ nonce })]
    behind.at(99)
    ahead.at(101)
    const given = ahead.dpop.currentNonce()
    expect(given).not.toBe(behind.dpop.currentNonce())
    expect(await behind.dpop.take(present(key, proofWith({ nonce: given, iat: NOW + 99 })))).toEqual(taken)
  })

  it('are not taken while the clock stands after them', async () => {
    const { dpop, at } = dpopAt({ nonce })
    at(200)
    const later = dpop.currentNonce()
    at(0)
    expect(await dpop.take(present(key, proofWith({ nonce: later })))).toEqual(needed)
  })

  it.each(['', 'x', 'x'.repeat(43), 'x'.repeat(5000), 'a\0b', '\u4e2d', ' '])(
    'are needed where there is %j',
    async (wrong) => {
      expect(await dpopAt({ nonce }).dpop.take(present(key, proofWith({ nonce: wrong })))).toEqual(needed)
    },
  )

  it('of another secret are none of ours', async () => {
    const other = dpopAt({ nonce: { ...nonce, secret: 't'.repeat(32) } }).dpop.currentNonce()
    expect(await dpopAt({ nonce }).dpop.take(present(key, proofWith({ nonce: other })))).toEqual(needed)
  })

  it.each([1, null, true, ['x'], {}])('that are %j make a proof bad, used here or not', async (wrong) => {
    for (const settings of [{ nonce }, {}]) {
      expect(await dpopAt(settings).dpop.take(present(key, proofWith({ nonce: wrong })))).toEqual({
        code: 'invalid_dpop_proof',
        detail: 'its "nonce" is not a text',
      })
    }
  })

  it('are no matter where none are used here', async () => {
    expect(await dpopAt().dpop.take(present(key, proofWith({ nonce: 'of the authorization server' })))).toEqual(taken)
  })

  it.each<DpopSettings['nonce']>([
    { secret: 's'.repeat(31), everySeconds: 100 },
    { secret: new Uint8Array(31), everySeconds: 100 },
    { secret: 's'.repeat(32), everySeconds: 0 },
    { secret: 's'.repeat(32), everySeconds: Number.NaN },
    { secret: 's'.repeat(32), everySeconds: 100_000 },
  ])('are refused at creation with %j', (wrong) => {
    expect(() => dpopAt({ nonce: wrong })).toThrow(expect.objectContaining({ code: 'configuration_error' }) as Error)
  })
})

describe('a client whose key is known by the header of its proofs', () => {
  const changes: readonly (readonly [
    name: string,
    make: (key: ClientKey, other: ClientKey) => [string, object],
    code: string,
  ])[] = [
    ['and another signs', (key, other) => [signTexts(other, headerOf(key), payloadOf({})), {}], 'invalid_dpop_proof'],
    [
      'and the proof is for another method',
      (key) => [createProof(key, { claims: { htm: 'PUT' } }), {}],
      'invalid_dpop_proof',
    ],
    [
      'and the token is bound to another',
      (key, other) => [createProof(key), { boundTo: other.thumbprint }],
      'key_binding_mismatch',
    ],
    ['and the header says more', (key) => [createProof(key, { header: { crit: ['x'] } }), {}], 'invalid_dpop_proof'],
    [
      'and the header says it of another key',
      (key, other) => [createProof(key, { header: { jwk: other.jwk } }), {}],
      'key_binding_mismatch',
    ],
  ]
  const headerOf = (key: ClientKey): string => JSON.stringify({ typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk })
  const payloadOf = (claims: object): string =>
    JSON.stringify({ jti: randomUUID(), htm: 'GET', htu: `${ORIGIN}/orders`, iat: NOW, ath: athOf(TOKEN), ...claims })

  test.each(changes)('%s is judged as for the first time', async (_name, make, code) => {
    const [key, other] = [createClientKey(), createClientKey()]
    const { dpop } = dpopAt()
    for (let i = 0; i < 3; i++) {
      expect(await dpop.take(present(key, createProof(key)))).toMatchObject({ thumbprint: key.thumbprint })
      const [proof, presented] = make(key, other)
      expect(await dpop.take(present(key, proof, presented))).toMatchObject({ code })
    }
  })
})

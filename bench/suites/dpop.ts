import { createPrivateKey } from 'node:crypto'
import type { Bench } from '../bench.js'
import type { Child } from '../children.js'
import { proofKinds, type DpopResults, type ProofKind, type ProofSample } from '../results.js'
import { publicJwk, signingKey, type BenchAlgorithm } from '../tokens/keys.js'
import { audience, claimsOf, headerOf, issuer, signToken } from '../tokens/mint.js'
import { createClientKey, createProof, origin } from '../tokens/proofs.js'
import { rotated } from '../turns.js'

const LOT = 250
const WARM_UP_LOTS = 8
const LOTS = 12
const REMEMBERED = 40_000
/** More clients than a server keeps keys of, and fewer than it remembers tokens of. */
const CLIENTS = 6000

interface Fields {
  readonly authorization: string
  readonly dpop?: string
}

/** What each kind of request is made of, so many at a time. */
type Maker = (count: number) => readonly Fields[]

/** What a proof costs beside a new Bearer token, and how much room one takes that is remembered. */
export async function measureDpop(bench: Bench): Promise<DpopResults> {
  const { algorithms, rounds } = bench.settings
  bench.progress.expect(algorithms.length * rounds)
  const samples: ProofSample[] = []
  const bytes: number[] = []
  for (const algorithm of algorithms) {
    for (let round = 0; round < rounds; round++) {
      bench.progress.step(`${algorithm}, proofs, round ${String(round + 1)}`)
      const server = await startServer(bench, algorithm)
      const makers = createMakers(algorithm, round)
      samples.push(...(await measureKinds(server, { algorithm, round, makers })))
      bytes.push(await measureBytes(server, makers['known key']))
      server.end()
    }
  }
  return { samples, bytes }
}

async function startServer(bench: Bench, algorithm: BenchAlgorithm): Promise<Child> {
  const server = await bench.children.start('measured/dpop.js', ['--expose-gc'])
  const jwks = { keys: [publicJwk(signingKey(algorithm))] }
  await server.ask('start', {
    library: bench.settings.root,
    options: { issuer: { issuer, jwks }, audience },
    // The proofs are made before they are sent.
    dpop: { origin, proofMaxAgeSeconds: 3600 },
  })
  return server
}

function createMakers(algorithm: BenchAlgorithm, round: number): Readonly<Record<ProofKind, Maker>> {
  const { kid, privateKey } = signingKey(algorithm)
  const signer = { kid, algorithm, key: createPrivateKey(privateKey) }
  const known = createClientKey(algorithm)
  let index = round * 1_000_000
  const mint = (jkt?: string): string => {
    const claims = claimsOf(index++, Math.floor(Date.now() / 1000))
    return signToken(headerOf(signer), jkt === undefined ? claims : { ...claims, cnf: { jkt } }, signer)
  }
  const bound = (token: string, key = known): Fields => ({
    authorization: `DPoP ${token}`,
    dpop: createProof(token, key),
  })
  const kept = mint(known.thumbprint)
  const others = Array.from({ length: CLIENTS }, () => {
    const key = createClientKey('ES256')
    return { key, token: mint(key.thumbprint) }
  })
  let turn = 0
  const another = (): Fields => {
    const { token, key = known } = others[turn++ % CLIENTS] ?? { token: kept }
    return bound(token, key)
  }
  const many =
    (make: () => Fields): Maker =>
    (count) =>
      Array.from({ length: count }, make)
  const bearer = many(() => ({ authorization: `Bearer ${mint()}` }))
  return {
    'Bearer, without the option': bearer,
    Bearer: bearer,
    'known key': many(() => bound(kept)),
    'another key': many(another),
    'known key, new token': many(() => bound(mint(known.thumbprint))),
    'new key, new token': many(() => {
      const key = createClientKey('ES256')
      return bound(mint(key.thumbprint), key)
    }),
  }
}

interface Measured {
  readonly algorithm: BenchAlgorithm
  readonly round: number
  readonly makers: Readonly<Record<ProofKind, Maker>>
}

/** All kinds in one process, in small lots and in turns. */
async function measureKinds(server: Child, { algorithm, round, makers }: Measured): Promise<readonly ProofSample[]> {
  const sums = new Map<ProofKind, number>()
  // Tokens are remembered at their second sight.
  for (let sent = 0; sent < 2 * CLIENTS; sent += LOT) {
    await server.ask('authenticate', { server: 'proving', fields: makers['another key'](LOT) })
  }
  for (let lot = 0; lot < WARM_UP_LOTS + LOTS; lot++) {
    for (const kind of rotated(proofKinds, lot)) {
      const name = kind === 'Bearer, without the option' ? 'plain' : 'proving'
      const cpu = Number(await server.ask('authenticate', { server: name, fields: makers[kind](LOT) }))
      if (lot >= WARM_UP_LOTS) sums.set(kind, (sums.get(kind) ?? 0) + cpu / LOTS)
    }
  }
  return [...sums].map(([kind, cpuMicroseconds]) => ({ algorithm, contender: kind, round, cpuMicroseconds }))
}

async function measureBytes(server: Child, make: Maker): Promise<number> {
  const before = Number(await server.ask('memory'))
  for (let sent = 0; sent < REMEMBERED; sent += LOT) {
    await server.ask('authenticate', { server: 'proving', fields: make(LOT) })
  }
  return (Number(await server.ask('memory')) - before) / REMEMBERED
}

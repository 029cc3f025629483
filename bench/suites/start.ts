import { createPrivateKey } from 'node:crypto'
import { setupFor, type Bench } from '../bench.js'
import { ours, unprotected, type Contender } from '../contenders.js'
import type { StartSample } from '../results.js'
import { publicJwk, signingKey } from '../tokens/keys.js'
import { claimsOf, headerOf, signToken } from '../tokens/mint.js'
import { inTurns } from '../turns.js'
import { specifiersFor } from './load.js'

const ALGORITHM = 'RS256'

/** A start takes a moment, like a load. */
const STARTS_IN_A_ROUND = 3

/** What of it was done or said before the first request. */
const ways = {
  'nothing prepared': {},
  'key set named': { named: true },
  'keys given': { named: true, given: true },
  'ready() first': { factory: 'createReadyMiddleware' },
} as const satisfies Readonly<Record<string, { named?: boolean; given?: boolean; factory?: string }>>

type Way = keyof typeof ways

/** Who can start how: a verifier by hand has no discovery, and only some take keys. */
const able: Readonly<Record<string, readonly Way[]>> = {
  [unprotected.id]: ['nothing prepared'],
  [ours.id]: ['nothing prepared', 'key set named', 'keys given', 'ready() first'],
  'express-oauth2-jwt-bearer': ['nothing prepared', 'key set named'],
  jose: ['key set named', 'keys given'],
}

/** From the start of a process to its first good answer, as where processes come and go with the load. */
export async function measureStarts(bench: Bench, keep: (samples: readonly StartSample[]) => void): Promise<void> {
  const { settings, contenders, progress } = bench
  const starts = contenders.flatMap((contender) => (able[contender.id] ?? []).map((way) => ({ contender, way })))
  const rounds = settings.rounds * STARTS_IN_A_ROUND
  progress.expect(rounds * starts.length)
  for (const { round, item } of inTurns(rounds, starts)) {
    const { contender, way } = item
    progress.step(`start, round ${String(round + 1)}: ${contender.label}, ${way}`)
    keep([{ contender: contender.id, way, round, phases: await measureStart(contender, { way, bench }) }])
  }
}

async function measureStart(
  contender: Contender,
  { way, bench }: { way: Way; bench: Bench },
): Promise<StartSample['phases']> {
  const { named, given, factory }: { named?: boolean; given?: boolean; factory?: string } = ways[way]
  const { jwksUri, jwksDomain: issuer, ...setup } = setupFor(contender, { bench, algorithm: ALGORITHM })
  const key = signingKey(ALGORITHM)
  const signer = { ...key, key: createPrivateKey(key.privateKey) }
  // The issuer is the one whose metadata is there: its address has a port of this run.
  const claims = { ...claimsOf(0, Math.floor(Date.now() / 1000)), iss: issuer }
  const token = signToken(headerOf(key), claims, signer)
  const child = await bench.children.start('measured/start.js')
  try {
    const port = await child.ask('start', {
      specifiers: specifiersFor(contender, { way: 'import', root: bench.settings.root }),
      module: contender.module,
      factory,
      setup: {
        ...setup,
        issuer,
        ...(named === true && given !== true && { jwksUri }),
        ...(given === true && { options: { jwks: { keys: [publicJwk(key)] } } }),
      },
    })
    const { status } = await fetch(`http://127.0.0.1:${String(port)}/`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (status !== 200) throw new Error(`${contender.label}, ${way}: ${String(status)} to the first request`)
    return (await child.ask('phases')) as StartSample['phases'] // measured/start.js says so
  } finally {
    child.end()
  }
}

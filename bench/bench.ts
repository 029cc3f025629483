import type { Child, Children } from './children.js'
import type { Cores } from './cores.js'
import type { Contender } from './contenders.js'
import type { Progress } from './progress.js'
import type { Settings } from './settings.js'
import { publicPem, signingKey, type BenchAlgorithm } from './tokens/keys.js'
import { audience, issuer } from './tokens/mint.js'

/** What every suite works with. */
export interface Bench {
  readonly settings: Settings
  readonly children: Children
  readonly progress: Progress
  /** Writes down what was found so far, so that a run that is cut loses nothing. */
  keep(): void
  /** Sends the requests. */
  readonly generator: Child
  /** The cores that server and load have for themselves, if they do. */
  readonly cores: Cores | undefined
  /** Serves the key sets. */
  readonly keyServer: Child
  readonly keyServerPort: number
  /** Who is measured, the route without authentication first. */
  readonly contenders: readonly Contender[]
  /** Who passed an audit so far, so that it is asked once. */
  readonly passed: Map<string, readonly Contender[]>
}

/** The part of it that those need who count. */
export interface Site extends Pick<Bench, 'children' | 'progress' | 'keyServerPort' | 'contenders'> {
  readonly settings: Pick<Settings, 'root'>
}

/** What a contender is told: the same for all, each takes what its README asks for. */
export interface Setup {
  readonly issuer: string
  readonly audience: string
  readonly algorithm: BenchAlgorithm
  readonly jwksUri: string
  /** The same, without the well-known path. */
  readonly jwksDomain: string
  /** PEM */
  readonly publicKey: string
  readonly library: string
  readonly options: Readonly<Record<string, unknown>>
}

export interface RunningServer {
  readonly process: Child
  readonly port: number
}

/** Makes the setup of a contender; `keySet` names the set to be fetched, that of the algorithm if nothing is said. */
export function setupFor(
  contender: Contender,
  { bench, algorithm, keySet = algorithm }: { bench: Site; algorithm: BenchAlgorithm; keySet?: string | undefined },
): Setup {
  const jwksDomain = `http://127.0.0.1:${String(bench.keyServerPort)}/${keySet}`
  return {
    issuer,
    audience,
    algorithm,
    jwksUri: `${jwksDomain}/.well-known/jwks.json`,
    jwksDomain,
    publicKey: publicPem(signingKey(algorithm)),
    library: contender.library ?? bench.settings.root,
    options: contender.options ?? {},
  }
}

/** Starts a contender's server; whoever calls ends its process. */
export async function startServer(
  contender: Contender,
  { bench, algorithm }: { bench: Bench; algorithm: BenchAlgorithm },
): Promise<RunningServer> {
  const process = await bench.children.start('measured/serve.js', [], bench.cores?.server)
  const setup = setupFor(contender, { bench, algorithm })
  return { process, port: Number(await process.ask('start', { module: contender.module, setup })) }
}

/** What a verifier may be started with, beside its contender. */
interface VerifierOptions {
  readonly bench: Bench
  readonly algorithm: BenchAlgorithm
  /** The set to fetch, if not that of the algorithm. */
  readonly keySet?: string
  /** The function of its file that creates it, if not `createVerifier`. */
  readonly factory?: string
  /** In place of what the contender's options say. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** Starts a contender's verifier without HTTP around it; whoever calls ends its process. */
export async function startVerifier(
  contender: Contender,
  { factory, options, ...of }: VerifierOptions,
): Promise<Child> {
  const setup = setupFor(contender, of)
  const verifier = await of.bench.children.start('measured/verify.js', ['--expose-gc'])
  await verifier.ask('start', {
    module: contender.module,
    factory,
    setup: { ...setup, options: { ...setup.options, ...options } },
  })
  return verifier
}

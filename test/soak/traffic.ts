import { randomUUID } from 'node:crypto'
import { hostileKinds, type Hostile } from './hostile.js'
import type { SoakIssuer } from './issuer.js'
import type { Random } from '../../tools/random.js'
import { scope } from './settings.js'
import { createAsked, type Asked, type Expectation } from './verdicts.js'

/** One request, and how it is to be judged. */
export interface Shot {
  readonly kind: string
  /** The values of its Authorization fields. */
  readonly authorization: readonly string[]
  readonly expectation: Expectation
  /** Whom a granted request must be told that it is. */
  readonly identity: { readonly issuer: string; readonly subject: string }
}

/** A source of tokens: an issuer, and what was asked of it. */
export interface Source {
  readonly at: SoakIssuer
  readonly asked: Asked
}

interface MintedToken {
  readonly source: Source
  readonly token: string
  readonly kid: string
  readonly subject: string
  readonly expiresAt: number
}

export interface Traffic {
  /** The next request of the mix: four of five good, one of five hostile. */
  next(): Promise<Shot>
  /** A request with a key name that nobody ever published. */
  bogus(): Promise<Shot>
}

const LIFETIME_MS = 300_000
const POOL_SIZE = 60
const EXPIRING_SIZE = 24
/** For so long a token goes on being sent after it has expired, or its key was withdrawn. */
const AFTERLIFE_MS = 6000

interface Surroundings {
  readonly random: Random
  readonly trap: string
  /** Whether nobody forges signatures of an issuer now. */
  readonly isCalm: (issuer: SoakIssuer) => boolean
}

/** Makes the traffic of a client population: `issuers` are all trusted by the API. */
export function createTraffic(issuers: readonly SoakIssuer[], { random, trap, isCalm }: Surroundings): Traffic {
  const sources = issuers.map((at): Source => ({ at, asked: createAsked() }))
  const pool: MintedToken[] = []
  const expiring: MintedToken[] = []
  const withdrawn: { minted: MintedToken; until: number }[] = []

  const mint = async (lifetimeMs = LIFETIME_MS, source = random.pick(sources)): Promise<MintedToken> => {
    const subject = `user-${randomUUID()}`
    const expiresAt = Date.now() + lifetimeMs
    const kid = source.at.kid()
    const token = await source.at.tokens().accessToken({ sub: subject, scope, exp: expiresAt / 1000 })
    return { source, token, kid, subject, expiresAt }
  }
  const retire = (minted: MintedToken): void => {
    withdrawn.push({ minted, until: Date.now() + AFTERLIFE_MS })
  }
  const repeated = async (): Promise<Shot> => {
    // One in forty is new, so that the pool grows old in parts.
    if (pool.length < POOL_SIZE || random.next() < 1 / 40) {
      pool.push(await mint())
      if (pool.length > POOL_SIZE) pool.shift()
    }
    const minted = random.pick(pool)
    if (keyOf(minted)?.withdrawnAt === Infinity) return shoot('good, repeated', minted)
    pool.splice(pool.indexOf(minted), 1)
    retire(minted)
    return shoot('good until its key was withdrawn', minted)
  }
  const aboutToExpire = async (): Promise<Shot> => {
    const now = Date.now()
    const alive = expiring.filter(({ expiresAt }) => now < expiresAt + AFTERLIFE_MS / 2)
    if (alive.length < EXPIRING_SIZE) alive.push(await mint(500 + random.next() * 4000))
    expiring.splice(0, expiring.length, ...alive)
    return shoot('good until it expires', random.pick(alive))
  }
  const ofWithdrawnKey = (): Shot | undefined => {
    const now = Date.now()
    while (withdrawn[0] !== undefined && withdrawn[0].until < now) withdrawn.shift()
    return withdrawn.length === 0 ? undefined : shoot('good until its key was withdrawn', random.pick(withdrawn).minted)
  }

  return {
    async next() {
      const dice = random.next()
      if (dice < 0.45) return repeated()
      if (dice < 0.68) return shoot('good, new', await mint())
      if (dice < 0.77) return aboutToExpire()
      if (dice < 0.8) return ofWithdrawnKey() ?? shoot('good, new', await mint())
      const source = random.pick(sources)
      const stranger = random.pick(sources.filter((one) => one !== source))
      const granted = pool.find((minted) => minted.source === source && keyOf(minted)?.withdrawnAt === Infinity)
      const kinds = isCalm(source.at) ? hostileKinds.filter(({ forges }) => forges !== true) : hostileKinds
      const { kind, make } = random.pick(kinds)
      const made = await make({ issuer: source.at, granted, stranger: stranger.at, trap })
      return {
        kind,
        authorization: made.authorization,
        expectation: expect(source, { verdict: made.verdict, kid: made.kid, expiresAt: made.expiresAt }),
        identity: { issuer: '', subject: '' },
      }
    },
    async bogus() {
      const source = random.pick(sources)
      const kid = randomUUID()
      const token = await source.at.tokens().accessToken({ scope }, { kid })
      return {
        kind: 'key name made up',
        authorization: [`Bearer ${token}`],
        expectation: expect(source, { verdict: 'invalid_signature', kid }),
        identity: { issuer: '', subject: '' },
      }
    },
  }
}

function shoot(kind: string, { source, token, kid, subject, expiresAt }: MintedToken): Shot {
  return {
    kind,
    authorization: [`Bearer ${token}`],
    expectation: expect(source, { verdict: 'accepted', kid, expiresAt }),
    identity: { issuer: source.at.issuer, subject },
  }
}

function expect(
  { at, asked }: Source,
  { verdict, kid, expiresAt = Infinity }: Omit<Hostile, 'authorization'>,
): Expectation {
  if (kid === undefined) return { type: 'constant', verdict }
  return { type: 'keyed', book: at.book, asked, kid, verdict, expiresAt }
}

function keyOf({ source, kid }: MintedToken): { readonly withdrawnAt: number } | undefined {
  return source.at.book.keys.get(kid)
}

import {
  AuthError,
  createResourceServer,
  UnavailableError,
  type Algorithm,
  type ResourceServer,
} from 'express-resource-server'
import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JWTVerifyOptions } from 'jose'
import {
  AUDIENCE,
  configuredKeys,
  fetchedKeys,
  ISSUER,
  mint,
  NOW,
  OTHER_ISSUER,
  publishedKeys,
  SECOND_AUDIENCE,
  secondKeys,
  type Case,
  type Minted,
} from './mint.js'
import { judgeByReference, type Judgement, type ReferenceRules } from './reference-validator.js'

export type ProfileName = 'auto' | 'rfc9068'

interface RuleSet {
  readonly clockToleranceSeconds: number
  readonly algorithms?: readonly Algorithm[]
  readonly maxTokenAgeSeconds?: number
  readonly hasPredicate?: true
  /** Whether the keys of the first issuer are fetched; otherwise they are configured. */
  readonly isFetched?: true
}

const ruleSets: readonly RuleSet[] = [
  { clockToleranceSeconds: 30, isFetched: true },
  { clockToleranceSeconds: 0 },
  { clockToleranceSeconds: 300, isFetched: true },
  { clockToleranceSeconds: 30, maxTokenAgeSeconds: 600 },
  { clockToleranceSeconds: 30, algorithms: ['PS256', 'RS256', 'Ed25519', 'ES512', 'ES256'], isFetched: true },
  { clockToleranceSeconds: 60, hasPredicate: true },
]
export const ruleSetCount = ruleSets.length

// Of the options' documentation: everything asymmetric.
const defaultAlgorithms: readonly Algorithm[] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]

const second = { issuer: OTHER_ISSUER, audience: [SECOND_AUDIENCE], keys: secondKeys }
const issuersOf = (keys: typeof configuredKeys): readonly (typeof second)[] => [
  { issuer: ISSUER, audience: [AUDIENCE, SECOND_AUDIENCE], keys },
  second,
]
const withConfiguredKeys = issuersOf(configuredKeys)
const withFetchedKeys = issuersOf(fetchedKeys)

const KEYS_URL = `${ISSUER}keys`
const fetchKeys = (): Promise<Response> => Promise.resolve(Response.json({ keys: fetchedKeys }))

/** Admits `api`, answers something true that is not `true` for `truthy`, and throws for `throw`. */
const isAccessToken = (_header: unknown, claims: Readonly<Record<string, unknown>>): boolean => {
  if (claims['token_kind'] === 'throw') throw new Error('the predicate failed')
  // What a caller without types may do.
  return claims['token_kind'] === 'truthy' ? ('yes' as unknown as boolean) : claims['token_kind'] === 'api'
}

let time = 0
const servers = new Map<string, ResourceServer>()

function serverFor(profile: ProfileName, position: number): ResourceServer {
  const name = `${profile} ${String(position)}`
  const server = servers.get(name) ?? createServer(profile, position)
  servers.set(name, server)
  return server
}

function createServer(profile: ProfileName, position: number): ResourceServer {
  const { hasPredicate, isFetched = false, ...options } = ruleSetAt(position)
  return createResourceServer({
    ...options,
    profile,
    issuer: withConfiguredKeys.map(({ issuer, audience, keys }) => ({
      issuer,
      audience,
      ...(isFetched && issuer === ISSUER ? { jwksUri: KEYS_URL } : { jwks: { keys } }),
      // The strict profile knows no exception, and says so at start-up.
      ...(hasPredicate === true && profile === 'auto' ? { isAccessToken } : {}),
    })),
    fetch: fetchKeys,
    clock: () => time,
  })
}

function ruleSetAt(position: number): RuleSet {
  return ruleSets[position] ?? { clockToleranceSeconds: 30 }
}

function issuersAt(position: number): typeof withFetchedKeys {
  return ruleSetAt(position).isFetched === true ? withFetchedKeys : withConfiguredKeys
}

const UNDECIDED = 'undecided'

/** Our own verdict: `accept`, the code of the refusal, or that it waits for keys. Anything else that is thrown is thrown on. */
async function judgeByUs(server: ResourceServer, { millis }: Case, token: string): Promise<string> {
  time = NOW * 1000 + millis
  try {
    await server.verifyToken(token)
    return 'accept'
  } catch (error) {
    if (error instanceof AuthError && error.status === 401) return error.code
    if (error instanceof UnavailableError && error.code === 'issuer_unavailable') return UNDECIDED
    throw error
  }
}

function judgeByTheReference(profile: ProfileName, { rules, millis }: Case, token: string): Judgement {
  const { hasPredicate, algorithms = defaultAlgorithms, clockToleranceSeconds, maxTokenAgeSeconds } = ruleSetAt(rules)
  const admits: ReferenceRules['admits'] =
    hasPredicate === true ? (claims) => claims.get('token_kind') === 'api' : undefined
  return judgeByReference(token, {
    ...{ clockToleranceSeconds, maxTokenAgeSeconds, profile, algorithms, admits },
    issuers: issuersAt(rules),
    now: NOW + millis / 1000,
  })
}

// The same keys, in the one spelling that jose reads.
const joseIssuersOf = (keys: typeof configuredKeys): readonly JoseIssuer[] =>
  issuersOf(keys).map(({ issuer, audience, keys: own }) => ({
    issuer,
    // A URL without a path is the same with its slash (RFC 3986 6.2.3), which jose does not know.
    audience: audience.flatMap((one) =>
      URL.canParse(one) && new URL(one).pathname === '/' ? [one, `${one}/`] : [one],
    ),
    keys: createLocalJWKSet({ keys: own }),
  }))

interface JoseIssuer {
  readonly issuer: string
  readonly audience: string[]
  readonly keys: ReturnType<typeof createLocalJWKSet>
}

const joseIssuers = { configured: joseIssuersOf(configuredKeys), fetched: joseIssuersOf(publishedKeys) }

/** The verdict of jose's jwtVerify with the same settings. It counts in whole seconds. */
async function judgeByJose({ rules }: Case, token: string): Promise<'accept' | 'refuse'> {
  const { clockToleranceSeconds, maxTokenAgeSeconds, algorithms = defaultAlgorithms, isFetched } = ruleSetAt(rules)
  const known = isFetched === true ? joseIssuers.fetched : joseIssuers.configured
  try {
    const { iss } = decodeJwt(token)
    const { issuer, audience, keys } = known.find((one) => one.issuer === iss) ?? known[0] ?? fail()
    const options: JWTVerifyOptions = {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(NOW * 1000),
      ...(maxTokenAgeSeconds === undefined ? {} : { maxTokenAge: maxTokenAgeSeconds }),
    }
    await jwtVerify(token, keys, options)
    return 'accept'
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return 'refuse'
    throw error
  }
}

function fail(): never {
  throw new Error('there is no issuer')
}

/** How often each outcome came about. */
export class Tally {
  readonly counts = new Map<string, number>()
  total = 0

  add(outcome: string): void {
    this.total++
    this.counts.set(outcome, this.count(outcome) + 1)
  }

  /** Counts what is no outcome of its own. */
  note(what: string): void {
    this.counts.set(what, this.count(what) + 1)
  }

  count(outcome: string): number {
    return this.counts.get(outcome) ?? 0
  }

  share(outcome: string): number {
    return this.count(outcome) / this.total
  }
}

/** One token of a case, to be judged under one profile. */
export interface Trial {
  readonly profile: ProfileName
  readonly example: Case
  readonly minted: Minted
}

export function prepare(profile: ProfileName, example: Case): Trial {
  return { profile, example, minted: mint(example) }
}

/**
 * What the first rule that a token breaks must be called, up to the signature: one token, one code, in whatever state the
 * keys are.
 */
const CODES: Readonly<Record<string, string>> = {
  issuer: 'unknown_issuer',
  algorithm: 'algorithm_not_allowed',
  'no expiry': 'invalid_claims',
  expired: 'token_expired',
  key: 'unknown_key',
  signature: 'invalid_signature',
}

/** Says how our verdict differs from that of the reference, or `undefined`. */
export async function compareWithReference(trial: Trial, tally: Tally): Promise<string | undefined> {
  const { profile, example, minted } = trial
  const { verdict, because } = judgeByTheReference(profile, example, minted.token)
  tally.add(because)
  let ours = await judgeByUs(serverFor(profile, example.rules), example, minted.token)
  if (ours === UNDECIDED && because === 'key' && ruleSetAt(example.rules).isFetched === true) {
    // The tokens before it have spent the one fetch of the cooldown. Who has it to itself must know.
    tally.note('key, undecided at first')
    const fresh = createServer(profile, example.rules)
    ours = await judgeByUs(fresh, example, minted.token)
    fresh.close()
  }
  const code = CODES[because]
  const isSame = (ours === 'accept') === (verdict === 'accept') && ours !== UNDECIDED
  if (isSame && (code === undefined || ours === code)) return undefined
  return describe(`we say ${ours}, the reference says ${verdict} (${because})`, trial)
}

/** Says that we accept what jose refuses, or `undefined`. */
export async function compareWithJose({ profile, example, minted }: Trial, tally: Tally): Promise<string | undefined> {
  const whole = { ...example, millis: 0 }
  const verdict = await judgeByUs(serverFor(profile, example.rules), whole, minted.token)
  const ours = verdict === 'accept' ? 'accept' : 'refuse'
  const jose = await judgeByJose(whole, minted.token)
  tally.add(`we ${ours}, jose ${jose}s`)
  if (ours === 'refuse' || jose === 'accept') return undefined
  return describe('we accept what jose refuses', { profile, example: whole, minted })
}

function describe(problem: string, { profile, example, minted }: Trial): string {
  const { rules, millis, mutation } = example
  const settings = JSON.stringify({ profile, ...ruleSetAt(rules), now: NOW + millis / 1000, mutation })
  return `${problem}\nheader:  ${minted.header}\npayload: ${minted.payload}\nwith:    ${settings}`
}

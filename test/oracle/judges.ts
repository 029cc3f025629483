import { AuthError, createResourceServer, type Algorithm, type ResourceServer } from 'express-resource-server'
import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JWTVerifyOptions } from 'jose'
import {
  AUDIENCE,
  firstKeys,
  ISSUER,
  mint,
  NOW,
  OTHER_ISSUER,
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
}

const ruleSets: readonly RuleSet[] = [
  { clockToleranceSeconds: 30 },
  { clockToleranceSeconds: 0 },
  { clockToleranceSeconds: 300 },
  { clockToleranceSeconds: 30, maxTokenAgeSeconds: 600 },
  { clockToleranceSeconds: 30, algorithms: ['PS256', 'RS256', 'Ed25519', 'ES512', 'ES256'] },
  { clockToleranceSeconds: 60, hasPredicate: true },
]
export const ruleSetCount = ruleSets.length

// Of the options' documentation: everything asymmetric.
const defaultAlgorithms: readonly Algorithm[] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]

const issuers = [
  { issuer: ISSUER, audience: [AUDIENCE, SECOND_AUDIENCE], keys: firstKeys },
  { issuer: OTHER_ISSUER, audience: [SECOND_AUDIENCE], keys: secondKeys },
]

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
  const known = servers.get(name)
  if (known !== undefined) return known
  const { hasPredicate, ...options } = ruleSetAt(position)
  const server = createResourceServer({
    ...options,
    profile,
    issuer: issuers.map(({ issuer, audience, keys }) => ({
      issuer,
      audience,
      jwks: { keys },
      // The strict profile knows no exception, and says so at start-up.
      ...(hasPredicate === true && profile === 'auto' ? { isAccessToken } : {}),
    })),
    clock: () => time,
  })
  servers.set(name, server)
  return server
}

function ruleSetAt(position: number): RuleSet {
  return ruleSets[position] ?? { clockToleranceSeconds: 30 }
}

/** Our own verdict: `accept`, or the code of the refusal. Anything else that is thrown is thrown on. */
async function judgeByUs(profile: ProfileName, { rules, millis }: Case, token: string): Promise<string> {
  time = NOW * 1000 + millis
  try {
    await serverFor(profile, rules).verifyToken(token)
    return 'accept'
  } catch (error) {
    if (error instanceof AuthError && error.status === 401) return error.code
    throw error
  }
}

function judgeByTheReference(profile: ProfileName, { rules, millis }: Case, token: string): Judgement {
  const { hasPredicate, algorithms = defaultAlgorithms, ...times } = ruleSetAt(rules)
  const admits: ReferenceRules['admits'] =
    hasPredicate === true ? (claims) => claims.get('token_kind') === 'api' : undefined
  return judgeByReference(token, { ...times, profile, issuers, algorithms, admits, now: NOW + millis / 1000 })
}

const joseIssuers = issuers.map(({ issuer, audience, keys }) => ({
  issuer,
  // A URL without a path is the same with its slash (RFC 3986 6.2.3), which jose does not know.
  audience: audience.flatMap((one) => (URL.canParse(one) && new URL(one).pathname === '/' ? [one, `${one}/`] : [one])),
  keys: createLocalJWKSet({ keys }),
}))

/** The verdict of jose's jwtVerify with the same settings. It counts in whole seconds. */
async function judgeByJose({ rules }: Case, token: string): Promise<'accept' | 'refuse'> {
  const { clockToleranceSeconds, maxTokenAgeSeconds, algorithms = defaultAlgorithms } = ruleSetAt(rules)
  try {
    const { iss } = decodeJwt(token)
    const { issuer, audience, keys } = joseIssuers.find((one) => one.issuer === iss) ?? joseIssuers[0] ?? fail()
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

/** Says how our verdict differs from that of the reference, or `undefined`. */
export async function compareWithReference(trial: Trial, tally: Tally): Promise<string | undefined> {
  const { profile, example, minted } = trial
  const ours = await judgeByUs(profile, example, minted.token)
  const { verdict, because } = judgeByTheReference(profile, example, minted.token)
  tally.add(because)
  if ((ours === 'accept') === (verdict === 'accept')) return undefined
  return describe(`we say ${ours}, the reference says ${verdict} (${because})`, trial)
}

/** Says that we accept what jose refuses, or `undefined`. */
export async function compareWithJose({ profile, example, minted }: Trial, tally: Tally): Promise<string | undefined> {
  const whole = { ...example, millis: 0 }
  const ours = (await judgeByUs(profile, whole, minted.token)) === 'accept' ? 'accept' : 'refuse'
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

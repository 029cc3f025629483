import { createSecretKey, KeyObject } from 'node:crypto'
import { importJWK } from 'jose/key/import'
import { isJsonObject, ownMember } from '../lib/strict-json.js'
import { fitsKey, type Algorithm } from './algorithms.js'
import { readJwk, type KeyMaterial } from './jwk-rules.js'

/** One public key of an issuer, ready to verify with the one algorithm that it is for (RFC 8725 §3.1). */
export interface VerificationKey {
  readonly kid: string | undefined
  readonly algorithm: Algorithm
  /** The algorithms that it could be meant for by its JWK alone: where another of them is asked for, it is no sole match. */
  readonly couldServe: readonly Algorithm[]
  readonly key: KeyObject
}

/** The usable keys of a set by what they are made of, and why the others are not usable. */
export interface ImportedKeys {
  readonly keys: KeysByFingerprint
  readonly skipped: readonly SkippedKey[]
}

/** A member of a set that is left out. */
export interface SkippedKey {
  readonly kid: string | undefined
  readonly problem: string
}

/** Keys under a text that holds all they consist of: two keys are the same when it is the same. */
export type KeysByFingerprint = ReadonlyMap<string, VerificationKey>

/** More keys than any issuer has: the rest of a larger set is left out. */
const MAX_KEYS = 1000
/** Why a key is left out that no token could be verified with. */
export const FITS_NONE =
  'it fits none of the "algorithms" (a secret needs "algorithms" with HS256 and at least 32 bytes, 48 for HS384, 64 for HS512)'

export interface ImportOptions {
  /** Whose keys these are. */
  readonly issuer: string
  /** The issuer's allow-list; a key that fits none of it is skipped. */
  readonly algorithms: readonly Algorithm[]
  readonly source: 'configuration' | 'fetched'
  /** Keys imported earlier: one that comes again stays the same object, so that verdicts that rest on it stay good. */
  readonly known?: KeysByFingerprint | undefined
}

/**
 * Imports the members of a JSON Web Key Set. Unusable ones are skipped, each with a reason; a key published twice under
 * the same name counts once.
 */
export async function importKeys(members: readonly unknown[], options: ImportOptions): Promise<ImportedKeys> {
  const keys = new Map<string, VerificationKey>()
  const skipped: SkippedKey[] = []
  for (const member of members.slice(0, MAX_KEYS)) {
    const problem = await importMember(member, options, keys)
    if (problem !== undefined) skipped.push({ kid: nameOf(member), problem })
  }
  if (members.length > MAX_KEYS) {
    skipped.push({ kid: undefined, problem: `only the first ${String(MAX_KEYS)} keys are read` })
  }
  return { keys, skipped }
}

/** Imports one member into `keys`, or says why it is left out. */
async function importMember(
  member: unknown,
  options: ImportOptions,
  keys: Map<string, VerificationKey>,
): Promise<string | undefined> {
  const material = readJwk(member, options)
  if (typeof material === 'string') return material
  const kid = nameOf(member)
  const alg = isJsonObject(member) ? ownMember(member, 'alg') : undefined
  const algorithms = algorithmsOf(material, alg, options.algorithms)
  if (algorithms.length === 0) return FITS_NONE
  for (const algorithm of algorithms) {
    const fingerprint = JSON.stringify([kid, alg, algorithm, material])
    const known = options.known?.get(fingerprint)
    const key = known ?? (await importKey({ material, kid, alg, algorithm }, options.algorithms))
    if (key === undefined) return 'its key material is not valid: a point that is not on its curve, say'
    keys.set(fingerprint, key)
  }
  return undefined
}

function nameOf(member: unknown): string | undefined {
  const kid = isJsonObject(member) ? ownMember(member, 'kid') : undefined
  return typeof kid === 'string' ? kid : undefined
}

/**
 * The algorithms for which a key may be used: its own `alg` where it has one. A key without `alg` is pinned to the first
 * algorithm of the allow-list that fits its type and curve, and no token can choose another (CVE-2026-22818). The two
 * names of Ed25519 signatures are one algorithm.
 */
export function algorithmsOf(material: KeyMaterial, alg: unknown, allowed: readonly Algorithm[]): readonly Algorithm[] {
  const fitting = allowed.filter((algorithm) => fitsKey(algorithm, material))
  if (alg !== undefined) return fitting.filter((algorithm) => algorithm === alg)
  return material.kty === 'OKP' ? fitting : fitting.slice(0, 1)
}

interface NamedMaterial {
  readonly material: KeyMaterial
  readonly kid: string | undefined
  readonly alg: unknown
  readonly algorithm: Algorithm
}

async function importKey(
  { material, kid, alg, algorithm }: NamedMaterial,
  allowed: readonly Algorithm[],
): Promise<VerificationKey | undefined> {
  try {
    // readJwk has established the shape; jose and the platform judge the material (is the point on the curve, ...).
    const imported = await importJWK({ ...material }, algorithm)
    const key = ArrayBuffer.isView(imported) ? createSecretKey(imported) : KeyObject.from(imported)
    const isPinned = alg === undefined && material.kty !== 'OKP'
    const couldServe = isPinned ? allowed.filter((other) => fitsKey(other, material)) : [algorithm]
    return { kid, algorithm, couldServe, key }
  } catch {
    return undefined
  }
}

import { createSecretKey, KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { importJWK } from 'jose/key/import'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { fitsKey, type Algorithm } from '../lib/algorithms.js'
import { checkJwk } from './jwk-rules.js'

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
  readonly skipped: readonly string[]
}

/** Keys under a text that holds all they consist of: two keys are the same when it is the same. */
export type KeysByFingerprint = ReadonlyMap<string, VerificationKey>

/** More keys than any issuer has: the rest of a larger set is left out. */
const MAX_KEYS = 1000

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
  const skipped: string[] = members.length > MAX_KEYS ? [`only the first ${String(MAX_KEYS)} keys are read`] : []
  for (const member of members.slice(0, MAX_KEYS)) {
    const problem = checkJwk(member, options)
    if (problem !== undefined) {
      skipped.push(problem)
      continue
    }
    // checkJwk has established that the member is a JSON object.
    const jwk = member as JsonObject
    for (const algorithm of algorithmsOf(jwk, options.algorithms)) {
      const fingerprint = fingerprintOf(jwk, algorithm)
      const key = options.known?.get(fingerprint) ?? (await importKey(jwk, algorithm, options.algorithms))
      if (key === undefined) skipped.push('its key material is not valid')
      else keys.set(fingerprint, key)
    }
  }
  return { keys, skipped }
}

/**
 * The algorithms for which a key may be used: its own `alg` where it has one. A key without `alg` is pinned to the first
 * algorithm of the allow-list that fits its type and curve, and no token can choose another (CVE-2026-22818). The two
 * names of Ed25519 signatures are one algorithm.
 */
export function algorithmsOf(jwk: JsonObject, allowed: readonly Algorithm[]): readonly Algorithm[] {
  const own = ownMember(jwk, 'alg')
  const fitting = allowed.filter((algorithm) => fitsKey(algorithm, jwk))
  if (own !== undefined) return fitting.filter((algorithm) => algorithm === own)
  return jwk['kty'] === 'OKP' ? fitting : fitting.slice(0, 1)
}

async function importKey(
  jwk: JsonObject,
  algorithm: Algorithm,
  allowed: readonly Algorithm[],
): Promise<VerificationKey | undefined> {
  const { kty, crv, n, e, x, y, k, kid } = jwk
  try {
    // checkJwk has established the shape; jose and the platform judge the material (is the point on the curve, ...).
    const imported = await importJWK({ kty, crv, n, e, x, y, k } as JWK, algorithm)
    const key = ArrayBuffer.isView(imported) ? createSecretKey(imported) : KeyObject.from(imported)
    const isPinned = ownMember(jwk, 'alg') === undefined && kty !== 'OKP'
    const couldServe = isPinned ? allowed.filter((other) => fitsKey(other, jwk)) : [algorithm]
    return { kid: kid as string | undefined, algorithm, couldServe, key }
  } catch {
    return undefined
  }
}

function fingerprintOf({ kid, alg, n, e, crv, x, y, k }: JsonObject, algorithm: Algorithm): string {
  return JSON.stringify([kid, alg, algorithm, n, e, crv, x, y, k])
}

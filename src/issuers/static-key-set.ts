import { ConfigurationError, UnavailableError } from '../errors.js'
import { isJsonObject, ownMember } from '../lib/strict-json.js'
import { isSymmetric, type Algorithm } from './algorithms.js'
import { PRIVATE_KEY, readJwk, SHARED_SECRET } from './jwk-rules.js'
import { createKeyIndex, type KeyIndex } from './key-index.js'
import type { KeySet } from './key-set.js'
import { algorithmsOf, FITS_NONE, importKeys, type ImportOptions } from './verification-key.js'

/** Nothing but new configuration helps, so that it does not matter much when the client tries again. */
const RETRY_SECONDS = 60

/**
 * Serves keys that were given in configuration. They are imported on first use and never change.
 *
 * @throws {ConfigurationError} At start-up, when there is a private key among them, or none that can verify access tokens.
 */
export function createStaticKeySet(members: readonly unknown[], options: ImportOptions): KeySet {
  checkMembers(members, options)
  // A copy: what the caller does to its own object later must not change whom we trust.
  let snapshot: readonly unknown[] = structuredClone(members)
  let index: KeyIndex | undefined
  let importing: Promise<KeyIndex> | undefined

  const load = (): Promise<KeyIndex> => {
    importing ??= importSnapshot(snapshot, options).then((imported) => (index = imported))
    snapshot = [] // a resource server may have thousands of these
    return importing
  }
  const find: KeySet['find'] = (wanted) => index?.find(wanted) ?? load().then((loaded) => loaded.find(wanted))
  return {
    find,
    // There is nothing to fetch.
    peek: find,
    findOther: () => undefined,
    explain: (wanted) => index?.explain(wanted),
    ready: async () => {
      await load()
    },
    close: () => undefined,
  }
}

async function importSnapshot(members: readonly unknown[], options: ImportOptions): Promise<KeyIndex> {
  const imported = await importKeys(members, options)
  if (imported.keys.size > 0) return createKeyIndex(imported)
  const detail = 'no key in the option "jwks" is valid: look for a point that is not on its curve'
  throw new UnavailableError('issuer_unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
}

function checkMembers(members: readonly unknown[], options: ImportOptions): void {
  const problems = members.map((member) => checkMember(member, options))
  if (problems.includes(PRIVATE_KEY)) {
    throw new ConfigurationError(
      'The option "jwks" holds a private key. Give the public part alone: without "d" and the like.',
    )
  }
  const repeated = findRepeatedName(members, options)
  if (repeated !== undefined) {
    throw new ConfigurationError(
      `The option "jwks" holds two keys named ${JSON.stringify(repeated)} that serve the same algorithm: no token could tell which is meant. Give each a "kid" of its own, or leave one out.`,
    )
  }
  if (problems.includes(undefined)) return
  throw new ConfigurationError(
    `The option "jwks" holds no key that can verify access tokens: ${problems[0] ?? 'it is empty'}.`,
  )
}

function checkMember(member: unknown, options: ImportOptions): string | undefined {
  const algorithms = algorithmsOfMember(member, options)
  if (typeof algorithms === 'string') return algorithms
  if (algorithms.length > 0) return undefined
  const isUnasked = isJsonObject(member) && ownMember(member, 'kty') === 'oct' && !options.algorithms.some(isSymmetric)
  return isUnasked ? `${SHARED_SECRET}. Who must, names HS256 in "algorithms"` : FITS_NONE
}

/** The algorithms that a member could serve, or why it cannot serve at all. */
function algorithmsOfMember(member: unknown, options: ImportOptions): readonly Algorithm[] | string {
  const material = readJwk(member, options)
  if (typeof material === 'string') return material
  const alg = isJsonObject(member) ? ownMember(member, 'alg') : undefined
  return algorithmsOf(material, alg, options.algorithms)
}

/** A name that two keys have which could serve one algorithm: neither would ever be found by it. */
function findRepeatedName(members: readonly unknown[], options: ImportOptions): string | undefined {
  const seen = new Set<string>()
  for (const member of members) {
    const kid = isJsonObject(member) ? ownMember(member, 'kid') : undefined
    const algorithms = algorithmsOfMember(member, options)
    if (typeof kid !== 'string' || typeof algorithms === 'string') continue
    const names = algorithms.map((algorithm) => JSON.stringify([kid, algorithm]))
    if (names.some((name) => seen.has(name))) return kid
    for (const name of names) seen.add(name)
  }
  return undefined
}

import { ConfigurationError, UnavailableError } from '../errors.js'
import { isJsonObject, ownMember } from '../lib/strict-json.js'
import { createKeyIndex, type KeyIndex } from './key-index.js'
import { PRIVATE_KEY, readJwk } from './jwk-rules.js'
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
  if (problems.includes(undefined)) return
  throw new ConfigurationError(
    `The option "jwks" holds no key that can verify access tokens: ${problems[0] ?? 'it is empty'}.`,
  )
}

function checkMember(member: unknown, options: ImportOptions): string | undefined {
  const material = readJwk(member, options)
  if (typeof material === 'string') return material
  const alg = isJsonObject(member) ? ownMember(member, 'alg') : undefined
  return algorithmsOf(material, alg, options.algorithms).length > 0 ? undefined : FITS_NONE
}

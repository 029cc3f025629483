import { ConfigurationError, UnavailableError } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import { createKeyIndex, type KeyIndex } from './key-index.js'
import { checkJwk, PRIVATE_KEY } from './jwk-rules.js'
import type { KeySet } from './key-set.js'
import { algorithmsOf, importKeys, type ImportOptions } from './verification-key.js'

const FITS_NONE =
  'it fits none of the "algorithms" (a secret needs "algorithms" with HS256 and at least 32 bytes, 48 for HS384, 64 for HS512)'

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
    ready: async () => {
      await load()
    },
    close: () => undefined,
  }
}

async function importSnapshot(members: readonly unknown[], options: ImportOptions): Promise<KeyIndex> {
  const { keys } = await importKeys(members, options)
  if (keys.size > 0) return createKeyIndex(keys.values())
  const detail = 'no key in the option "jwks" is valid: look for a point that is not on its curve'
  throw new UnavailableError('issuer_unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
}

function checkMembers(members: readonly unknown[], options: ImportOptions): void {
  const problems = members.map((member) => checkJwk(member, options) ?? checkAlgorithm(member, options))
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

function checkAlgorithm(jwk: unknown, { algorithms }: ImportOptions): string | undefined {
  // checkJwk has established that it is a JSON object.
  return algorithmsOf(jwk as JsonObject, algorithms).length > 0 ? undefined : FITS_NONE
}

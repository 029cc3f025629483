import { ConfigurationError } from '../errors.js'
import { createKeyIndex, type KeyIndex, type WantedKey } from './key-index.js'
import { checkJwk } from './jwk-rules.js'
import type { KeySet } from './key-set.js'
import { importKeys, type ImportOptions, type VerificationKey } from './verification-key.js'

/**
 * Serves keys that were given in configuration. They are imported on first use and never change.
 *
 * @throws {ConfigurationError} At start-up, when one of them can never verify an access token: here nobody but the
 *   programmer can have put it there.
 */
export function createStaticKeySet(members: readonly unknown[], options: ImportOptions): KeySet {
  checkMembers(members)
  // A copy: what the caller does to its own object later must not change whom we trust.
  const snapshot = structuredClone(members)
  let index: KeyIndex | undefined
  let importing: Promise<KeyIndex> | undefined

  const load = (): Promise<KeyIndex> => {
    importing ??= importKeys(snapshot, options).then(({ keys }) => (index = createKeyIndex(keys.values())))
    return importing
  }
  return {
    find: (wanted: WantedKey) => (index === undefined ? load().then(({ find }) => find(wanted)) : index.find(wanted)),
    peek: (wanted: WantedKey) => index?.find(wanted),
    has: (key: VerificationKey) => index?.has(key) === true,
    ready: async () => {
      await load()
    },
    close: () => undefined,
  }
}

function checkMembers(members: readonly unknown[]): void {
  if (members.length === 0) throw new ConfigurationError('The option "jwks" holds no key.')
  for (const [position, member] of members.entries()) {
    const problem = checkJwk(member, 'configuration')
    if (problem === undefined) continue
    throw new ConfigurationError(
      `Key ${String(position + 1)} in the option "jwks" cannot verify access tokens: ${problem}.`,
    )
  }
}

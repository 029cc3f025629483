import type { Algorithm } from '../lib/algorithms.js'
import type { VerificationKey } from './verification-key.js'

/** The key that a token's header asks for. */
export interface WantedKey {
  readonly kid: string | undefined
  readonly algorithm: Algorithm
}

/** The keys of one set, found in constant time. */
export interface KeyIndex {
  /** The one key that fits: never a choice among several (RFC 8725 §3.1), so a missing `kid` needs a set of one. */
  readonly find: (wanted: WantedKey) => VerificationKey | undefined
  readonly size: number
}

/** Indexes keys by algorithm, with and without their name. */
export function createKeyIndex(keys: Iterable<VerificationKey>): KeyIndex {
  const all = new Set(keys)
  const fitting = new Map<string, VerificationKey[]>()
  const add = (slot: string, key: VerificationKey): void => {
    const list = fitting.get(slot)
    if (list === undefined) fitting.set(slot, [key])
    else list.push(key)
  }
  for (const key of all) {
    for (const algorithm of key.couldServe) {
      add(algorithm, key)
      if (key.kid !== undefined) add(slotOf(algorithm, key.kid), key)
    }
  }
  return {
    find({ kid, algorithm }) {
      const list = fitting.get(kid === undefined ? algorithm : slotOf(algorithm, kid))
      const only = list?.length === 1 ? list[0] : undefined
      return only?.algorithm === algorithm ? only : undefined
    },
    size: all.size,
  }
}

function slotOf(algorithm: Algorithm, kid: string): string {
  return `${algorithm} ${kid}`
}

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
}

/** The keys that could serve one algorithm. */
interface Slot {
  readonly all: VerificationKey[]
  readonly byName: Map<string, VerificationKey[]>
}

/** Indexes keys by algorithm, with and without their name. */
export function createKeyIndex(keys: Iterable<VerificationKey>): KeyIndex {
  const slots = new Map<Algorithm, Slot>()
  for (const key of new Set(keys)) {
    for (const algorithm of key.couldServe) {
      const slot = slots.get(algorithm) ?? { all: [], byName: new Map<string, VerificationKey[]>() }
      slots.set(algorithm, slot)
      slot.all.push(key)
      if (key.kid !== undefined) slot.byName.set(key.kid, [...(slot.byName.get(key.kid) ?? []), key])
    }
  }
  return {
    find({ kid, algorithm }) {
      const slot = slots.get(algorithm)
      const list = kid === undefined ? slot?.all : slot?.byName.get(kid)
      const only = list?.length === 1 ? list[0] : undefined
      return only?.algorithm === algorithm ? only : undefined
    },
  }
}

import type { Algorithm } from './algorithms.js'
import type { ImportedKeys, VerificationKey } from './verification-key.js'

/** The key that a token's header asks for. */
export interface WantedKey {
  readonly kid: string | undefined
  readonly algorithm: Algorithm
}

/** The keys of one set, found in constant time. */
export interface KeyIndex {
  /** The one key that fits: never a choice among several (RFC 8725 §3.1), so a missing `kid` needs a set of one. */
  readonly find: (wanted: WantedKey) => VerificationKey | undefined
  /** The names of its keys. */
  readonly names: readonly string[]
  /** Whether the set has keys of that name, or for no name of that algorithm, so that it says itself why none is found. */
  readonly knows: (wanted: WantedKey) => boolean
  /** Says, for the operator, why none is found. Names algorithms, never a key. */
  readonly explain: (wanted: WantedKey) => string
}

/** The keys that could serve one algorithm. */
interface Slot {
  readonly all: VerificationKey[]
  readonly byName: Map<string, VerificationKey[]>
}

/** Indexes keys by algorithm, with and without their name. */
export function createKeyIndex({ keys, skipped }: ImportedKeys): KeyIndex {
  const slots = new Map<Algorithm, Slot>()
  /** The algorithms of the keys of each name. */
  const algorithms = new Map<string, Algorithm[]>()
  for (const key of new Set(keys.values())) {
    if (key.kid !== undefined) algorithms.set(key.kid, [...(algorithms.get(key.kid) ?? []), key.algorithm])
    for (const algorithm of key.couldServe) {
      const slot = slots.get(algorithm) ?? { all: [], byName: new Map<string, VerificationKey[]>() }
      slots.set(algorithm, slot)
      slot.all.push(key)
      if (key.kid !== undefined) slot.byName.set(key.kid, [...(slot.byName.get(key.kid) ?? []), key])
    }
  }
  const problems = new Map(skipped.map(({ kid, problem }) => [kid, problem]))
  const fitting = ({ kid, algorithm }: WantedKey): readonly VerificationKey[] => {
    const slot = slots.get(algorithm)
    return (kid === undefined ? slot?.all : slot?.byName.get(kid)) ?? none
  }
  return {
    find(wanted) {
      const list = fitting(wanted)
      const only = list.length === 1 ? list[0] : undefined
      return only?.algorithm === wanted.algorithm ? only : undefined
    },
    names: [...algorithms.keys()],
    knows({ kid, algorithm }) {
      if (kid === undefined) return fitting({ kid, algorithm }).length > 0
      return algorithms.has(kid) || problems.has(kid)
    },
    explain(wanted) {
      const { kid, algorithm } = wanted
      const [first, ...others] = fitting(wanted)
      if (others.length > 0) return kid === undefined ? SEVERAL_KEYS : SEVERAL_OF_ONE_NAME
      if (first !== undefined) return heldTo(first.algorithm, algorithm)
      const known = kid === undefined ? undefined : algorithms.get(kid)
      if (known !== undefined) return `the key of that name is for ${known.join(', ')}, and the token says ${algorithm}`
      const problem = kid === undefined ? undefined : problems.get(kid)
      if (problem !== undefined) return `the key of that name cannot be used: ${problem}`
      return kid === undefined
        ? `the token names no key, and the issuer has none for ${algorithm}`
        : 'the issuer has no key of that name'
    },
  }
}

const none: readonly VerificationKey[] = []

const SEVERAL_KEYS =
  'the token names no key, and several keys of the issuer fit: have the issuer write "kid" into its tokens, or give this API only the key that signs them in the option "jwks"'
const SEVERAL_OF_ONE_NAME =
  'several keys of the issuer have that name: have it give each a name of its own, or give this API only the key that signs in the option "jwks"'

function heldTo(pinned: Algorithm, wanted: Algorithm): string {
  return `the key says no "alg" and is held to ${pinned}, the first of the "algorithms" that fits it, and the token says ${wanted}: if the issuer signs so, write "algorithms: ['${wanted}']"`
}

import { createGate, type Gate } from '../lib/gate.js'

/** Room for loads of keys, shared by all issuers of a resource server. */
export interface LoadGates {
  /** For issuers without usable keys: a token decides which of them are loaded, so that these must not be in the way of others. */
  readonly first: Gate
  /** For issuers whose keys serve meanwhile. */
  readonly refresh: Gate
}

/** Of each kind. More than any fixed list needs; a flood of tokens in the names of many tenants opens no more than these. */
const MAX_LOADS_AT_ONCE = 32

export function createLoadGates(): LoadGates {
  return { first: createGate(MAX_LOADS_AT_ONCE), refresh: createGate(MAX_LOADS_AT_ONCE) }
}

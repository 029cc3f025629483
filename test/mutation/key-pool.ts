import crypto from 'node:crypto'

// Making RSA keys takes most of the time of a suite that is loaded again and again. Here the n-th key of a kind that a file asks
// for is the same one each time the file is loaded; within one load, no key comes twice.

const pool = new Map<string, unknown[]>()
const used = new Map<string, number>()

function take(kind: string, make: () => unknown): unknown {
  const keys = pool.get(kind) ?? []
  pool.set(kind, keys)
  const position = used.get(kind) ?? 0
  used.set(kind, position + 1)
  return (keys[position] ??= make())
}

/** Starts over: whoever asks now gets the first key of each kind again. */
export function rewindKeys(): void {
  used.clear()
}

/** Replaces what generates key pairs. */
export function installKeyPool(): void {
  const generateKeyPairSync = crypto.generateKeyPairSync as (...parameters: unknown[]) => unknown
  const { subtle } = globalThis.crypto
  const generateKey = subtle.generateKey.bind(subtle) as (...parameters: unknown[]) => unknown
  Object.assign(crypto, {
    generateKeyPairSync: (...parameters: unknown[]) =>
      take(JSON.stringify(parameters), () => generateKeyPairSync(...parameters)),
  })
  Object.defineProperty(subtle, 'generateKey', {
    value: (...parameters: unknown[]) => take(JSON.stringify(parameters), () => generateKey(...parameters)),
  })
}

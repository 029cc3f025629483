import { createHmac, timingSafeEqual } from 'node:crypto'
import { ConfigurationError } from '../../errors.js'

/** How nonces are made. */
export interface NonceOptions {
  /** At least 32 bytes, the same in all processes: whoever has it can make proofs in advance. */
  readonly secret: string | Uint8Array
  /** How long one is given out. It is taken for as long again. */
  readonly everySeconds: number
}

/** Nonces that nobody remembers: each follows from the secret and the time. */
export interface Nonces {
  /** The one that is given out now. */
  readonly current: (now: number) => string
  /** Whether one is taken: "stale" for the one before, with which the current one is to be given. */
  readonly judge: (nonce: string, now: number) => 'current' | 'stale' | undefined
}

const MIN_SECRET_BYTES = 32
const MIN_SECONDS = 1
const MAX_SECONDS = 86_400

/**
 * Creates nonces that change at an interval. The one before is still taken, and the one after as well: a process whose clock
 * is ahead may have given it out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-8 | RFC 9449 §8}
 * @throws {ConfigurationError} On a short secret or an interval that makes no sense.
 */
export function createNonces({ secret, everySeconds }: NonceOptions): Nonces {
  if (Buffer.from(secret).length < MIN_SECRET_BYTES) {
    throw new ConfigurationError('The secret of DPoP nonces must have at least 32 bytes.')
  }
  if (!(everySeconds >= MIN_SECONDS && everySeconds <= MAX_SECONDS)) {
    throw new ConfigurationError('DPoP nonces must change every 1 to 86400 seconds.')
  }
  const make = (step: number): string =>
    createHmac('sha256', secret)
      .update(`dpop nonce ${String(step)}`)
      .digest('base64url')
  let at = Number.NaN
  let [before, current, after] = ['', '', '']
  const turnTo = (now: number): void => {
    const step = Math.floor(now / everySeconds)
    if (step === at) return
    at = step
    ;[before, current, after] = [make(step - 1), make(step), make(step + 1)]
  }
  return {
    current(now) {
      turnTo(now)
      return current
    },
    judge(nonce, now) {
      turnTo(now)
      if (isSame(nonce, current) || isSame(nonce, after)) return 'current'
      return isSame(nonce, before) ? 'stale' : undefined
    },
  }
}

function isSame(nonce: string, expected: string): boolean {
  const bytes = Buffer.from(nonce)
  const expectedBytes = Buffer.from(expected)
  return bytes.length === expectedBytes.length && timingSafeEqual(bytes, expectedBytes)
}

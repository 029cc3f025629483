import type { VerificationKey } from './verification-key.js'
import type { WantedKey } from './key-index.js'

/** The keys of one issuer, never shared with another. */
export interface KeySet {
  /**
   * Finds the one key that a token's header asks for, or `undefined` when the issuer has none such. May fetch; answers
   * at once, without a promise, when it need not.
   *
   * @throws {UnavailableError} When it cannot be told, because the keys cannot be had.
   */
  find(wanted: WantedKey): VerificationKey | undefined | Promise<VerificationKey | undefined>
  /** Finds the same among the keys at hand, and never fetches. */
  peek(wanted: WantedKey): VerificationKey | undefined | Promise<VerificationKey | undefined>
  /** Fetches the keys if there are none yet. */
  ready(): Promise<void>
  /** Ends what is under way. */
  close(): void
}

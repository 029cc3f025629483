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
  /**
   * Finds another key of that name than the one with which a signature failed: an issuer may put a new key under an old name.
   * May fetch. What cannot be told is `undefined`, since the keys at hand say that the signature is wrong.
   */
  findOther(
    wanted: WantedKey,
    than: VerificationKey,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined>
  /** Says, for the operator, why no key was found. */
  explain(wanted: WantedKey): string | undefined
  /** Fetches the keys if there are none yet. */
  ready(): Promise<void>
  /** Ends what is under way. */
  close(): void
}

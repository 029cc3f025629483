import { ConfigurationError, isFailure, type Failure } from '../../errors.js'
import { isSymmetric, type Algorithm } from '../../issuers/algorithms.js'
import { secondsOf, type Clock } from '../../lib/clock.js'
import { cannotTell } from '../../stores/cannot-tell.js'
import { createMemoryStore } from '../../stores/memory-store.js'
import { shareStore } from '../../stores/share-store.js'
import type { Store } from '../../stores/store.js'
import { createProofJudge, type ProofJudge } from './judge-proof.js'
import { normaliseUri } from './normalise-uri.js'
import { createNonces, type NonceOptions } from './nonces.js'
import { badProof, type PresentedProof } from './proof.js'

/** How DPoP proofs are taken. */
export interface DpopSettings {
  /** Where clients reach this API: scheme and host, and what a proxy takes off the path before it gets here. */
  readonly origin: string
  readonly algorithms: readonly Algorithm[]
  readonly proofMaxAgeSeconds: number
  /** How far clocks may be apart. */
  readonly futureSeconds: number
  readonly nonce: NonceOptions | undefined
  /** Where used proofs are remembered; undefined for the memory of this process. */
  readonly store: Store | undefined
  /** How long the store may take. */
  readonly storeTimeoutSeconds: number
  readonly clock: Clock
}

/** That whoever presents a token holds its key. Of this request alone: nothing of it may be kept for another. */
export interface DpopBinding {
  readonly method: 'dpop'
  readonly thumbprint: string
  /** What the answer, a good one too, must carry as `DPoP-Nonce`, so that the client has it in time. */
  readonly nonce: string | undefined
}

/** Takes DPoP proofs. */
export interface Dpop {
  /** Every check but the last, whether the proof came before: for explanations, which use nothing up. */
  readonly judge: ProofJudge
  /**
   * Judges a proof and takes it, once: it is written down last, when all else is right.
   *
   * @throws {UnavailableError} Where the store cannot tell whether it came before.
   */
  readonly take: (presented: PresentedProof) => Promise<DpopBinding | Failure>
  /** What a refusal as `use_dpop_nonce` must carry; undefined where no nonces are used. */
  readonly currentNonce: () => string | undefined
}

/** @throws {ConfigurationError} On settings that could refuse nobody or everybody. */
export function createDpop(settings: DpopSettings): Dpop {
  const { algorithms, proofMaxAgeSeconds, futureSeconds, clock } = settings
  if (algorithms.length === 0 || algorithms.some(isSymmetric)) {
    throw new ConfigurationError('The algorithms of DPoP proofs must be asymmetric, and at least one.')
  }
  const nonces = settings.nonce === undefined ? undefined : createNonces(settings.nonce)
  const store = shareStore(settings.store ?? createMemoryStore({ clock }), 'replay', settings.storeTimeoutSeconds)
  // What was used before this process began, its own memory cannot tell.
  const since = settings.store === undefined ? Math.floor(secondsOf(clock)) : Number.NEGATIVE_INFINITY
  const base = readBase(settings.origin)
  const judge = createProofJudge({ base, algorithms, proofMaxAgeSeconds, futureSeconds, nonces })
  const currentNonce = (): string | undefined => nonces?.current(secondsOf(clock))
  return {
    judge,
    async take(presented) {
      const facts = await judge(presented, secondsOf(clock))
      if (isFailure(facts)) return facts
      if (facts.issuedAt < since) throw cannotTell('the proof is older than this process, whose memory alone is asked')
      // The time after the wait: what is written down for no time would be forgotten at once.
      const ttlSeconds = facts.replayUntil - secondsOf(clock)
      if (ttlSeconds <= 0) return badProof('it ceased to be fresh while it was judged')
      const addition = await store.addIfAbsent(facts.replayKey, ttlSeconds)
      if (addition === 'present') return { ...badProof('it was used before'), isReplay: true }
      return { method: 'dpop', thumbprint: facts.thumbprint, nonce: facts.isNonceStale ? currentNonce() : undefined }
    },
    currentNonce,
  }
}

function readBase(origin: string): string {
  const base = /[?#]/.test(origin) ? undefined : normaliseUri(origin)
  if (base === undefined) {
    throw new ConfigurationError(
      'The origin for DPoP must be the URL at which clients reach this API, without user, query and fragment: "https://api.example.com".',
    )
  }
  return base.replace(/\/$/, '')
}

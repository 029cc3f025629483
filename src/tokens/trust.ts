import type { WantedKey } from '../issuers/key-index.js'
import type { TrustedIssuer, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import type { TokenIssuer } from './examination.js'

/** An issuer that was found, and the key of it that was, if one was looked for. */
export interface Trust {
  readonly issuer: TrustedIssuer<TokenIssuer>
  readonly wanted: WantedKey | undefined
  readonly key: VerificationKey | undefined
  /** What was found besides. */
  readonly other: Trust | undefined
}

/** Tells whether the issuers and the keys that were found are those that would be found now. */
export function isStillTrusted(trust: Trust | undefined, issuers: TrustedIssuers<TokenIssuer>): Eventual<boolean> {
  if (trust === undefined) return true
  const { issuer, wanted, key, other } = trust
  return whenSettled(issuers.find(issuer.settings.issuer), (found) => {
    if (found !== issuer) return false
    const sameKey = wanted === undefined ? undefined : issuer.keys.find(wanted)
    return whenSettled(sameKey, (one) => one === key && isStillTrusted(other, issuers))
  })
}

/** Finds what was noted first of an issuer: of that of the token, its own key. */
export function findTrust(
  trust: Trust | undefined,
  isIt: (issuer: TrustedIssuer<TokenIssuer>) => boolean,
): Trust | undefined {
  return trust === undefined || isIt(trust.issuer) ? trust : findTrust(trust.other, isIt)
}

/** Notes an issuer, behind what was noted before. */
export function withIssuer(trust: Trust | undefined, issuer: TrustedIssuer<TokenIssuer>): Trust {
  if (trust === undefined) return { issuer, wanted: undefined, key: undefined, other: undefined }
  return trust.issuer === issuer ? trust : { ...trust, other: withIssuer(trust.other, issuer) }
}

/** Notes a key. It takes the place of one that was found under its name before: what follows goes by it. */
export function withKey(trust: Trust | undefined, found: Omit<Trust, 'other'>): Trust {
  if (trust === undefined) return { ...found, other: undefined }
  const isItsPlace = trust.issuer === found.issuer && (trust.wanted === undefined || trust.wanted === found.wanted)
  return isItsPlace ? { ...found, other: trust.other } : { ...trust, other: withKey(trust.other, found) }
}

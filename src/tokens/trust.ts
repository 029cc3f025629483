import type { WantedKey } from '../issuers/key-index.js'
import type { TrustedIssuer, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import { isPending, type Eventual } from '../lib/eventual.js'
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
  const found = issuers.find(trust.issuer.settings.issuer)
  if (isPending(found)) return found.then((one) => one === trust.issuer && isKeyStillTrusted(trust, issuers))
  return found === trust.issuer && isKeyStillTrusted(trust, issuers)
}

function isKeyStillTrusted(
  { issuer, wanted, key, other }: Trust,
  issuers: TrustedIssuers<TokenIssuer>,
): Eventual<boolean> {
  const found = wanted === undefined ? undefined : issuer.keys.find(wanted)
  if (isPending(found)) return found.then((one) => one === key && isStillTrusted(other, issuers))
  return found === key && isStillTrusted(other, issuers)
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
  const { issuer, wanted, key } = found
  if (trust === undefined) return { issuer, wanted, key, other: undefined }
  const isItsPlace = trust.issuer === issuer && (trust.wanted === undefined || trust.wanted === wanted)
  return isItsPlace ? { issuer, wanted, key, other: trust.other } : { ...trust, other: withKey(trust.other, found) }
}

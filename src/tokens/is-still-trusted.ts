import { whenSettled, type Eventual } from '../lib/eventual.js'
import type { Findings, TokenRules } from './examination.js'

/** Tells whether the issuer and the key that were found for a token earlier are those that would be found now. */
export function isStillTrusted(
  { issuer, wanted, key }: Pick<Findings, 'issuer' | 'wanted' | 'key'>,
  { issuers }: TokenRules,
): Eventual<boolean> {
  return whenSettled(
    issuers.find(issuer.settings.issuer),
    (found) => found === issuer && whenSettled(issuer.keys.find(wanted), (sameKey): boolean => sameKey === key),
  )
}

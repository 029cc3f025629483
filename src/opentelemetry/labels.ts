import { reasons } from '../reasons.js'

const OTHER = 'other'
/** So many issuers are told apart: with a resolver of tenants there may be thousands. */
const MAX_ISSUERS = 20

const codes: ReadonlySet<string> = new Set(Object.keys(reasons))
const schemes: ReadonlySet<string> = new Set(['Bearer', 'DPoP'])
const statuses: ReadonlySet<number> = new Set(Object.values(reasons).map(({ status }) => status))

/** A code of this version: another copy of the package may tell of others. */
export function codeLabel(code: string): string {
  return codes.has(code) ? code : OTHER
}

/** A scheme that is taken, or that no token came. */
export function schemeLabel(scheme: string | undefined): string {
  if (scheme === undefined) return 'none'
  return schemes.has(scheme) ? scheme : OTHER
}

/** A status that is answered with. */
export function statusLabel(status: number): number {
  return statuses.has(status) ? status : 0
}

/** Who issued a token, of those that have been seen first. What has not been verified anybody could have written. */
export function createIssuerLabel(): (issuer: string | undefined, isVerified: boolean) => string {
  const seen = new Set<string>()
  return (issuer, isVerified) => {
    if (issuer === undefined || !isVerified) return OTHER
    if (seen.size < MAX_ISSUERS) seen.add(issuer)
    return seen.has(issuer) ? issuer : OTHER
  }
}

import { quote, quoteAll } from '../lib/quote.js'
import { readUrl } from '../lib/urls.js'
import { findDifference } from './describe-difference.js'

/** Longer names are not asked for: issuers/tenants.ts. */
const MAX_RESOLVED_LENGTH = 512

const GOOGLE = ['accounts.google.com', 'https://accounts.google.com']

/**
 * Says why an issuer is not trusted, and which trusted one it resembles. For operators.
 *
 * @param iss - What stands in the token, unverified: anybody could have written it.
 * @param trusted - The issuers that are; `undefined` where a resolver was asked.
 */
export function describeIssuer(iss: unknown, trusted: readonly string[] | undefined): string {
  if (iss === undefined) return '"iss" is missing'
  if (typeof iss !== 'string') return '"iss" is not a text'
  const found = `its "iss" is ${quote(iss)}`
  if (trusted === undefined) {
    return iss.length > MAX_RESOLVED_LENGTH
      ? `${found}, too long to ask the issuer resolver for`
      : `${found}, and the issuer resolver answered undefined to that`
  }
  const expected = `trusted ${trusted.length === 1 ? 'is' : 'are'} ${quoteAll(trusted)}`
  const near = findDifference([iss], trusted, compareProviders)
  return near === undefined
    ? `${found}; ${expected}`
    : `${found}; ${expected}. Nearest is ${quote(near.expected)}: ${near.says}`
}

/** Two names of one issuer, or of one provider's several. */
function compareProviders(found: string, expected: string): string | undefined {
  if (GOOGLE.includes(found) && GOOGLE.includes(expected)) return 'Google writes its name in both ways'
  const [one, other] = [readEntra(found), readEntra(expected)]
  if (one === undefined || other === undefined || one.version === other.version) return undefined
  if (one.tenant !== other.tenant) return `a v${one.version} token of another tenant of Microsoft Entra`
  return one.version === '1.0'
    ? `a v1.0 token of this tenant of Microsoft Entra. Set "requestedAccessTokenVersion" to 2 in the manifest of the API's registration, or list the v1.0 issuer too`
    : 'a v2.0 token of this tenant of Microsoft Entra. List the v2.0 issuer too'
}

/** The two forms of an issuer of Microsoft Entra: `https://sts.windows.net/TENANT/`, and `https://HOST/TENANT/v2.0`. */
function readEntra(text: string): { readonly version: '1.0' | '2.0'; readonly tenant: string | undefined } | undefined {
  const { hostname = '', pathname = '' } = readUrl(text) ?? {}
  const [, tenant, version] = pathname.split('/')
  if (hostname === 'sts.windows.net') return { version: '1.0', tenant }
  return hostname.startsWith('login.') && version === 'v2.0' ? { version: '2.0', tenant } : undefined
}

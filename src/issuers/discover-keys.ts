import { FetchError, fetchJson, type Fetch, type FetchLimits } from '../lib/fetch-json.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { insertWellKnown, isSecure, readUrl, withoutTrailingSlash } from '../lib/urls.js'

/** What fetching an issuer's keys needs. */
export interface KeySource {
  readonly issuer: string
  /** Where the keys are; without it the issuer's metadata says so. */
  readonly jwksUri: string | undefined
  readonly fetch: Fetch
  /** For one body, after decompression. */
  readonly maxBytes: number
  readonly dangerouslyAllowHttp: boolean
}

/** The members of a JSON Web Key Set, unjudged. */
export interface FetchedKeySet {
  readonly members: readonly unknown[]
  readonly maxAgeSeconds: number | undefined
}

/**
 * Finds where an issuer publishes its keys: OpenID Connect Discovery first, then RFC 8414 metadata where the first is
 * not there.
 *
 * @throws {FetchError} When neither document can be had, or the one found is not this issuer's.
 */
export async function discoverJwksUri(source: KeySource, signal: AbortSignal): Promise<string> {
  const issuerUrl = readUrl(source.issuer)
  if (issuerUrl === undefined) {
    throw new FetchError(`${source.issuer} is not a URL and has no metadata: give it "jwksUri" or "jwks"`)
  }
  const metadata = await fetchMetadata(source, issuerUrl, signal)
  // RFC 8414 §3.3: the document counts only when it names the very issuer for which it was asked.
  if (ownMember(metadata, 'issuer') !== source.issuer) {
    throw new FetchError(
      `The metadata of ${source.issuer} names another issuer: set "issuer" to exactly what it says there`,
    )
  }
  const jwksUri = ownMember(metadata, 'jwks_uri')
  const url = typeof jwksUri === 'string' ? readUrl(jwksUri) : undefined
  if (url === undefined || !isSecure(url, source.dangerouslyAllowHttp)) {
    throw new FetchError(`The metadata of ${source.issuer} has no "jwks_uri" with https`)
  }
  return url.href
}

async function fetchMetadata(source: KeySource, issuerUrl: URL, signal: AbortSignal): Promise<JsonObject> {
  const limits: FetchLimits = { signal, maxBytes: source.maxBytes }
  const base = withoutTrailingSlash(issuerUrl)
  const openid = new URL(base)
  openid.pathname = `${base.pathname === '/' ? '' : base.pathname}/.well-known/openid-configuration`
  try {
    return (await fetchJson(source.fetch, openid.href, limits)).document
  } catch (error) {
    if (!(error instanceof FetchError) || error.status !== 404) throw error
  }
  return (await fetchJson(source.fetch, insertWellKnown(base, 'oauth-authorization-server').href, limits)).document
}

/** Fetches a JSON Web Key Set (RFC 7517 §5). */
export async function fetchKeySet(source: KeySource, jwksUri: string, signal: AbortSignal): Promise<FetchedKeySet> {
  const { document, maxAgeSeconds } = await fetchJson(source.fetch, jwksUri, { signal, maxBytes: source.maxBytes })
  const members = ownMember(document, 'keys')
  if (!Array.isArray(members)) throw new FetchError(`${jwksUri} did not answer with a JSON Web Key Set`)
  return { members, maxAgeSeconds }
}

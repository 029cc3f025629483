import { isWithin, type Clock } from '../lib/clock.js'
import { FetchError, fetchJson, type Fetch, type FetchLimits } from '../lib/fetch-json.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import {
  appendWellKnown,
  insertWellKnown,
  isSecure,
  readUrl,
  withoutSecrets,
  withoutTrailingSlash,
} from '../lib/urls.js'

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

/** How long the place that the metadata names counts before it is asked for again, in milliseconds. */
const LOCATION_LIFETIME_MS = 3_600_000

/** Knows where an issuer publishes its keys. */
export class KeyLocation {
  readonly #source: KeySource
  readonly #clock: Clock
  #known: { readonly jwksUri: string; readonly foundAt: number } | undefined

  constructor(source: KeySource, clock: Clock) {
    this.#source = source
    this.#clock = clock
  }

  /**
   * Finds the place: configured, or known from before, or as the metadata says now. A place that is known stays known while
   * the metadata cannot be had or makes no sense.
   *
   * After a failure the metadata is asked again, since the keys may have moved; after the next one the known place is
   * tried at once, since it may be the metadata that does not answer.
   *
   * @throws {FetchError} When nothing is known, and the metadata cannot be had or is not this issuer's.
   */
  async find(signal: AbortSignal, failures: number): Promise<string> {
    if (this.#source.jwksUri !== undefined) return this.#source.jwksUri
    const known = this.#known
    const current = known !== undefined && isWithin(this.#clock(), known.foundAt, known.foundAt + LOCATION_LIFETIME_MS)
    if (known !== undefined && (failures === 0 ? current : failures % 2 === 0)) return known.jwksUri
    try {
      const jwksUri = readJwksUri(this.#source, await fetchMetadata(this.#source, signal))
      this.#known = { jwksUri, foundAt: this.#clock() }
      return jwksUri
    } catch (error) {
      if (known === undefined || signal.aborted) throw error
      return known.jwksUri
    }
  }
}

/** Reads where the keys are from an issuer's metadata, which must be this very issuer's. */
function readJwksUri({ issuer, dangerouslyAllowHttp }: KeySource, metadata: JsonObject): string {
  // RFC 8414 §3.3: the document counts only when it names the very issuer for which it was asked.
  if (ownMember(metadata, 'issuer') !== issuer) {
    throw new FetchError(`The metadata of ${issuer} names another issuer: set "issuer" to exactly what it says there`)
  }
  const jwksUri = ownMember(metadata, 'jwks_uri')
  const url = typeof jwksUri === 'string' ? readUrl(jwksUri) : undefined
  // An issuer out there must not send us to a port of this machine.
  const mayUseHttp = dangerouslyAllowHttp || issuer.startsWith('http:')
  if (url === undefined || !isSecure(url, dangerouslyAllowHttp) || (url.protocol === 'http:' && !mayUseHttp)) {
    throw new FetchError(`The metadata of ${issuer} has no "jwks_uri" with https`)
  }
  return url.href
}

/** OpenID Connect Discovery first, then RFC 8414 metadata where the first is not there. */
async function fetchMetadata(source: KeySource, signal: AbortSignal): Promise<JsonObject> {
  const issuerUrl = readUrl(source.issuer)
  if (issuerUrl === undefined) {
    throw new FetchError(`${source.issuer} is not a URL and has no metadata: give it "jwksUri" or "jwks"`)
  }
  const limits: FetchLimits = { signal, maxBytes: source.maxBytes }
  const base = withoutTrailingSlash(issuerUrl)
  try {
    return (await fetchJson(source.fetch, appendWellKnown(base, 'openid-configuration').href, limits)).document
  } catch (error) {
    if (!(error instanceof FetchError) || error.status !== 404) throw error
  }
  return (await fetchJson(source.fetch, insertWellKnown(base, 'oauth-authorization-server').href, limits)).document
}

/** Fetches a JSON Web Key Set (RFC 7517 §5). */
export async function fetchKeySet(source: KeySource, jwksUri: string, signal: AbortSignal): Promise<FetchedKeySet> {
  const { document, maxAgeSeconds } = await fetchJson(source.fetch, jwksUri, { signal, maxBytes: source.maxBytes })
  const members = ownMember(document, 'keys')
  if (!Array.isArray(members)) throw new FetchError(`${withoutSecrets(jwksUri)} did not answer with a JSON Web Key Set`)
  return { members, maxAgeSeconds }
}

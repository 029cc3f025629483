import { isWithin, type Clock } from '../lib/clock.js'
import { FetchError, fetchJson, type Fetch, type FetchLimits } from '../lib/fetch-json.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { appendWellKnown, insertWellKnown, isSecure, readUrl, withoutTrailingSlash } from '../lib/urls.js'
import { warnOnce } from '../warnings.js'

/** What fetching an issuer's metadata needs. */
export interface MetadataSource {
  readonly issuer: string
  readonly fetch: Fetch
  /** For one body, after decompression. */
  readonly maxBytes: number
  readonly dangerouslyAllowHttp: boolean
}

/** What of an issuer is looked for. */
export interface WantedEndpoint {
  /** The member of the metadata that says where it is. */
  readonly member: 'jwks_uri' | 'introspection_endpoint'
  /** Where it is; without it the issuer's metadata says so. */
  readonly configured: string | undefined
  /** What to do where there is no metadata at all. */
  readonly remedy: string
}

/** Why a place cannot be found: the issuer has no metadata, or that does not speak of it. */
export class NotPublished extends FetchError {}

/** How long the place that the metadata names counts before it is asked for again, in milliseconds. */
const LOCATION_LIFETIME_MS = 3_600_000

/** Knows where an issuer has an endpoint. */
export class EndpointLocation {
  readonly #source: MetadataSource
  readonly #wanted: WantedEndpoint
  readonly #clock: Clock
  #known: { readonly url: string; readonly foundAt: number } | undefined

  constructor(source: MetadataSource, wanted: WantedEndpoint, clock: Clock) {
    this.#source = source
    this.#wanted = wanted
    this.#clock = clock
  }

  /**
   * Finds the place: configured, or known from before, or as the metadata says now. A place that is known stays known while
   * the metadata cannot be had or makes no sense.
   *
   * After a failure the metadata is asked again, since the endpoint may have moved; after the next one the known place is
   * tried at once, since it may be the metadata that does not answer.
   *
   * @throws {FetchError} When nothing is known, and the metadata cannot be had or is not this issuer's.
   */
  async find(signal: AbortSignal, failures: number): Promise<string> {
    if (this.#wanted.configured !== undefined) return this.#wanted.configured
    const known = this.#known
    const current = known !== undefined && isWithin(this.#clock(), known.foundAt, known.foundAt + LOCATION_LIFETIME_MS)
    if (known !== undefined && (failures === 0 ? current : failures % 2 === 0)) return known.url
    try {
      const url = readEndpoint(this.#source, this.#wanted, await fetchMetadata(this.#source, this.#wanted, signal))
      this.#known = { url, foundAt: this.#clock() }
      return url
    } catch (error) {
      if (known === undefined || signal.aborted) throw error
      return known.url
    }
  }
}

/** Reads where an endpoint is from an issuer's metadata, which must be this very issuer's. */
function readEndpoint(
  { issuer, dangerouslyAllowHttp }: MetadataSource,
  { member }: WantedEndpoint,
  metadata: JsonObject,
): string {
  // RFC 8414 §3.3: the document counts only when it names the very issuer for which it was asked.
  if (ownMember(metadata, 'issuer') !== issuer) {
    throw new FetchError(`The metadata of ${issuer} names another issuer: set "issuer" to exactly what it says there`)
  }
  const endpoint = ownMember(metadata, member)
  if (endpoint === undefined) throw new NotPublished(`The metadata of ${issuer} has no "${member}" with https`)
  const url = typeof endpoint === 'string' ? readUrl(endpoint) : undefined
  // An issuer out there must not send us to a port of this machine.
  const mayUseHttp = dangerouslyAllowHttp || issuer.startsWith('http:')
  if (url === undefined || !isSecure(url, dangerouslyAllowHttp) || (url.protocol === 'http:' && !mayUseHttp)) {
    throw new FetchError(`The metadata of ${issuer} has no "${member}" with https`)
  }
  if (ownMember(metadata, 'express_resource_server_dev') === true) warnOnce('ERS_DEV_ISSUER')
  return url.href
}

/** OpenID Connect Discovery first, then RFC 8414 metadata where the first is not there. */
async function fetchMetadata(
  source: MetadataSource,
  { remedy }: WantedEndpoint,
  signal: AbortSignal,
): Promise<JsonObject> {
  const issuerUrl = readUrl(source.issuer)
  if (issuerUrl === undefined) throw new FetchError(`${source.issuer} is not a URL and has no metadata: ${remedy}`)
  const limits: FetchLimits = { signal, maxBytes: source.maxBytes }
  const base = withoutTrailingSlash(issuerUrl)
  try {
    return (await fetchJson(source.fetch, appendWellKnown(base, 'openid-configuration').href, limits)).document
  } catch (error) {
    if (!(error instanceof FetchError) || error.status !== 404) throw error
  }
  try {
    return (await fetchJson(source.fetch, insertWellKnown(base, 'oauth-authorization-server').href, limits)).document
  } catch (error) {
    if (!(error instanceof FetchError) || error.status !== 404) throw error
    throw new NotPublished(error.message, { status: error.status })
  }
}

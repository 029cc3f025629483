import { FetchError, fetchBody, readSeconds, type Fetch, type FetchedHeaders, type FetchLimits } from './fetch-body.js'
import { readJsonObject, type JsonObject } from './strict-json.js'
import { withoutSecrets } from './urls.js'

export { FetchError, type Fetch, type FetchLimits }

/** A document, and what its response said about keeping it. */
export interface FetchedJson {
  readonly document: JsonObject
  /** `max-age` of `Cache-Control` in seconds; 0 for `no-store` and `no-cache`; undefined without a usable directive. */
  readonly maxAgeSeconds: number | undefined
}

const JSON_MEDIA_TYPE = /^application\/(?:[\w.-]+\+)?json$/i
/** The size of a document is bounded in bytes. */
const DOCUMENT_LIMITS = { depth: 16, containers: Infinity, members: Infinity, commas: Infinity }

/**
 * Fetches one JSON object. The signal ends the exchange at any point, and the decoded body is counted against its cap
 * while it streams. Redirects are not followed, any status but 200 and any media type but JSON is an error.
 *
 * @throws {FetchError} For everything that goes wrong.
 */
export async function fetchJson(fetch: Fetch, url: string, limits: FetchLimits): Promise<FetchedJson> {
  const request = { headers: { accept: 'application/json' } }
  const terms = { ...limits, request, statuses: [200], mediaType: JSON_MEDIA_TYPE, format: 'JSON' }
  const { headers, body } = await fetchBody(fetch, url, terms)
  const document = readJsonObject(body, DOCUMENT_LIMITS)
  if (document !== undefined) return { document, maxAgeSeconds: readMaxAge(headers) }
  throw new FetchError(`${withoutSecrets(url)} did not answer with one well-formed JSON object`)
}

/** Reads `max-age`; `no-store` and `no-cache` count as 0. */
function readMaxAge(headers: FetchedHeaders): number | undefined {
  const directives = (headers.get('cache-control') ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim())
  if (directives.includes('no-store') || directives.includes('no-cache')) return 0
  const maxAge = directives.find((directive) => directive.startsWith('max-age='))
  const seconds = readSeconds(maxAge?.slice('max-age='.length))
  if (seconds === undefined) return undefined
  return Math.max(0, seconds - (readSeconds(headers.get('age')) ?? 0))
}

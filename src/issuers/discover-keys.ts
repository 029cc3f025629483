import type { Clock } from '../lib/clock.js'
import { FetchError, fetchJson } from '../lib/fetch-json.js'
import { ownMember } from '../lib/strict-json.js'
import { withoutSecrets } from '../lib/urls.js'
import { EndpointLocation, type MetadataSource } from './endpoint-location.js'

/** What fetching an issuer's keys needs. */
export interface KeySource extends MetadataSource {
  /** Where the keys are; without it the issuer's metadata says so. */
  readonly jwksUri: string | undefined
}

/** The members of a JSON Web Key Set, unjudged. */
export interface FetchedKeySet {
  readonly members: readonly unknown[]
  readonly maxAgeSeconds: number | undefined
}

/** Creates what knows where an issuer publishes its keys. */
export function createKeyLocation(source: KeySource, clock: Clock): EndpointLocation {
  const wanted = { member: 'jwks_uri', configured: source.jwksUri, remedy: 'give it "jwksUri" or "jwks"' } as const
  return new EndpointLocation(source, wanted, clock)
}

/** Fetches a JSON Web Key Set (RFC 7517 §5). */
export async function fetchKeySet(source: KeySource, jwksUri: string, signal: AbortSignal): Promise<FetchedKeySet> {
  const { document, maxAgeSeconds } = await fetchJson(source.fetch, jwksUri, { signal, maxBytes: source.maxBytes })
  const members = ownMember(document, 'keys')
  if (!Array.isArray(members)) throw new FetchError(`${withoutSecrets(jwksUri)} did not answer with a JSON Web Key Set`)
  return { members, maxAgeSeconds }
}

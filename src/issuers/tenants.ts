import { LRUCache } from 'lru-cache'
import { UnavailableError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { IssuerSettings, TrustedIssuer, TrustedIssuers } from './trusted-issuer.js'

/** Settles the settings of an issuer by its name, or says that it is not trusted. May throw, synchronously or later. */
export type IssuerLookup<Settings> = (issuer: string) => Settings | undefined | Promise<Settings | undefined>

export interface TenantsOptions<Settings extends IssuerSettings> {
  readonly lookup: IssuerLookup<Settings>
  /** Gives an issuer its keys. May throw on settings that make no sense. */
  readonly trust: (settings: Settings) => TrustedIssuer<Settings>
  readonly clock: Clock
}

const MAX_ISSUER_LENGTH = 512
const MAX_TENANTS = 10_000
const TENANT_LIFETIME_MS = 10 * 60_000
const MAX_MISSES = 1000
const MISS_LIFETIME_MS = 30_000
const MAX_LOOKUPS_AT_ONCE = 1000
const RETRY_SECONDS = 5

/** Trusts whom a lookup trusts, and remembers its answers within bounds. */
export function createTenants<Settings extends IssuerSettings>(
  options: TenantsOptions<Settings>,
): TrustedIssuers<Settings> {
  const time = { perf: { now: options.clock }, ttlResolution: 0 }
  const tenants = new LRUCache<string, TrustedIssuer<Settings>>({
    ...time,
    max: MAX_TENANTS,
    ttl: TENANT_LIFETIME_MS,
    noDeleteOnStaleGet: true,
  })
  // Misses have a room of their own: made-up names must not push tenants out.
  const misses = new LRUCache<string, true>({ ...time, max: MAX_MISSES, ttl: MISS_LIFETIME_MS })
  const lookups = new Map<string, Promise<TrustedIssuer<Settings> | undefined>>()

  const settle = async (issuer: string): Promise<TrustedIssuer<Settings> | undefined> => {
    const previous = tenants.get(issuer, { allowStale: true })
    const tenant = await findTenant(issuer, options, previous)
    if (tenant === undefined) {
      misses.set(issuer, true)
      tenants.delete(issuer)
    } else tenants.set(issuer, tenant)
    return tenant
  }
  return {
    find(issuer) {
      if (issuer.length > MAX_ISSUER_LENGTH || misses.has(issuer)) return undefined
      const known = tenants.get(issuer) ?? lookups.get(issuer)
      if (known !== undefined) return known
      if (lookups.size >= MAX_LOOKUPS_AT_ONCE) throw unavailable('too many lookups are under way')
      const lookup = settle(issuer).finally(() => lookups.delete(issuer))
      lookups.set(issuer, lookup)
      return lookup
    },
    // Nobody knows the tenants before they come.
    ready: () => Promise.resolve(),
    close: () => {
      for (const { keys } of tenants.values()) keys.close()
    },
  }
}

async function findTenant<Settings extends IssuerSettings>(
  issuer: string,
  { lookup, trust }: TenantsOptions<Settings>,
  previous: TrustedIssuer<Settings> | undefined,
): Promise<TrustedIssuer<Settings> | undefined> {
  try {
    const settings = await lookup(issuer)
    if (settings === undefined) return undefined
    if (settings.issuer !== issuer) throw unavailable('the issuer resolver answered with another issuer')
    // The same settings as before keep the keys at hand.
    const known = previous !== undefined && isSameTrust(previous.settings, settings)
    return known ? { settings, keys: previous.keys } : trust(settings)
  } catch (cause) {
    if (cause instanceof UnavailableError) throw cause
    throw unavailable('the issuer resolver failed, or answered with settings that make no sense', cause)
  }
}

function isSameTrust(a: IssuerSettings, b: IssuerSettings): boolean {
  const trustOf = ({ algorithms, jwksUri, jwks }: IssuerSettings): string => JSON.stringify([algorithms, jwksUri, jwks])
  return trustOf(a) === trustOf(b)
}

function unavailable(detail: string, cause?: unknown): UnavailableError {
  return new UnavailableError('issuer_unavailable', { detail, cause, retryAfterSeconds: RETRY_SECONDS })
}

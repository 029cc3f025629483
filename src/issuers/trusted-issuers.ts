import { LRUCache } from 'lru-cache'
import { UnavailableError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import type { Algorithm } from '../lib/algorithms.js'
import type { KeySet } from './key-set.js'
import { RemoteKeySet, type KeyLifetimes } from './remote-key-set.js'
import { createStaticKeySet } from './static-key-set.js'

/** Whom to trust, with which keys. */
export interface IssuerSettings {
  /** The issuer identifier, compared character by character (RFC 8414 §3.3). */
  readonly issuer: string
  readonly algorithms: readonly Algorithm[]
  /** Where the keys are; without it, the issuer's metadata says so. */
  readonly jwksUri?: string | undefined
  /** The keys themselves, instead of fetching any. */
  readonly jwks?: { readonly keys: readonly unknown[] } | undefined
}

/** An issuer with its keys. */
export interface TrustedIssuer<Settings extends IssuerSettings = IssuerSettings> {
  readonly settings: Settings
  readonly keys: KeySet
}

/** Settles the settings of an issuer by its name, or says that it is not trusted. May throw, synchronously or later. */
type IssuerLookup<Settings> = (issuer: string) => Settings | undefined | Promise<Settings | undefined>

export interface TrustedIssuersOptions<Settings extends IssuerSettings> {
  /** A fixed list, or a lookup for many tenants. */
  readonly issuers: readonly Settings[] | IssuerLookup<Settings>
  readonly lifetimes: KeyLifetimes
  readonly maxBytes: number
  readonly dangerouslyAllowHttp: boolean
  readonly fetch: Fetch
  readonly clock: Clock
}

/** The issuers that are trusted, each with keys of its own. */
export interface TrustedIssuers<Settings extends IssuerSettings> {
  /** Finds an issuer by the exact name that an unverified token gives; an unknown one never causes a request. */
  find(issuer: string): TrustedIssuer<Settings> | undefined | Promise<TrustedIssuer<Settings> | undefined>
  /** Fetches the keys of every issuer on a fixed list. */
  ready(): Promise<void>
  close(): void
}

const MAX_ISSUER_LENGTH = 512
const MAX_TENANTS = 10_000
const TENANT_LIFETIME_MS = 10 * 60_000
const MAX_MISSES = 1000
const MISS_LIFETIME_MS = 30_000
const LOOKUP_RETRY_SECONDS = 5

/** Sets up the trusted issuers of a resource server. */
export function createTrustedIssuers<Settings extends IssuerSettings>(
  options: TrustedIssuersOptions<Settings>,
): TrustedIssuers<Settings> {
  return typeof options.issuers === 'function'
    ? createTenants(options, options.issuers)
    : createFixedIssuers(options, options.issuers)
}

function createFixedIssuers<Settings extends IssuerSettings>(
  options: TrustedIssuersOptions<Settings>,
  issuers: readonly Settings[],
): TrustedIssuers<Settings> {
  const trusted = new Map(issuers.map((settings) => [settings.issuer, withKeys(settings, options)]))
  return {
    find: (issuer) => trusted.get(issuer),
    ready: async () => {
      await Promise.all([...trusted.values()].map(({ keys }) => keys.ready()))
    },
    close: () => {
      for (const { keys } of trusted.values()) keys.close()
    },
  }
}

function createTenants<Settings extends IssuerSettings>(
  options: TrustedIssuersOptions<Settings>,
  lookup: IssuerLookup<Settings>,
): TrustedIssuers<Settings> {
  const perf = { now: options.clock }
  const tenants = new LRUCache<string, TrustedIssuer<Settings>>({
    max: MAX_TENANTS,
    ttl: TENANT_LIFETIME_MS,
    ttlResolution: 0,
    noDeleteOnStaleGet: true,
    perf,
    dispose: ({ keys }, _issuer, reason) => {
      if (reason === 'evict') keys.close()
    },
  })
  // Misses have a room of their own: made-up names must not push tenants out.
  const misses = new LRUCache<string, true>({ max: MAX_MISSES, ttl: MISS_LIFETIME_MS, ttlResolution: 0, perf })
  const pending = new Map<string, Promise<TrustedIssuer<Settings> | undefined>>()

  const settle = async (issuer: string): Promise<TrustedIssuer<Settings> | undefined> => {
    const previous = tenants.get(issuer, { allowStale: true })
    const settings = await askLookup(lookup, issuer)
    if (settings === undefined) {
      misses.set(issuer, true)
      tenants.delete(issuer)
      return undefined
    }
    // The same settings as before keep the keys at hand.
    const tenant =
      previous !== undefined && isSameTrust(previous.settings, settings)
        ? { ...previous, settings }
        : withKeys(settings, options)
    tenants.set(issuer, tenant)
    return tenant
  }
  return {
    find(issuer) {
      if (issuer.length > MAX_ISSUER_LENGTH || misses.has(issuer)) return undefined
      const tenant = tenants.get(issuer)
      if (tenant !== undefined) return tenant
      let settling = pending.get(issuer)
      if (settling === undefined) {
        settling = settle(issuer).finally(() => pending.delete(issuer))
        pending.set(issuer, settling)
      }
      return settling
    },
    ready: () => Promise.resolve(),
    close: () => {
      for (const { keys } of tenants.values()) keys.close()
    },
  }
}

async function askLookup<Settings extends IssuerSettings>(
  lookup: IssuerLookup<Settings>,
  issuer: string,
): Promise<Settings | undefined> {
  let settings: Settings | undefined
  try {
    settings = await lookup(issuer)
  } catch (cause) {
    throw new UnavailableError('issuer_unavailable', {
      detail: 'the issuer resolver failed',
      cause,
      retryAfterSeconds: LOOKUP_RETRY_SECONDS,
    })
  }
  if (settings !== undefined && settings.issuer !== issuer) {
    throw new UnavailableError('issuer_unavailable', {
      detail: 'the issuer resolver answered with the settings of another issuer',
      retryAfterSeconds: LOOKUP_RETRY_SECONDS,
    })
  }
  return settings
}

function isSameTrust(a: IssuerSettings, b: IssuerSettings): boolean {
  const trustOf = ({ algorithms, jwksUri, jwks }: IssuerSettings): string => JSON.stringify([algorithms, jwksUri, jwks])
  return trustOf(a) === trustOf(b)
}

function withKeys<Settings extends IssuerSettings>(
  settings: Settings,
  { lifetimes, maxBytes, dangerouslyAllowHttp, fetch, clock }: TrustedIssuersOptions<Settings>,
): TrustedIssuer<Settings> {
  const { issuer, algorithms, jwksUri, jwks } = settings
  if (jwks !== undefined)
    return { settings, keys: createStaticKeySet(jwks.keys, { algorithms, source: 'configuration' }) }
  const source = { issuer, jwksUri, fetch, maxBytes, dangerouslyAllowHttp }
  return { settings, keys: new RemoteKeySet({ source, lifetimes, algorithms, clock }) }
}

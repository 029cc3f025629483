import { LRUCache } from 'lru-cache'
import { UnavailableError } from '../errors.js'
import { isWithin, type Clock } from '../lib/clock.js'
import { withinDeadline } from '../lib/deadline.js'
import type { Eventual } from '../lib/eventual.js'
import type { KeySet } from './key-set.js'
import type { IssuerSettings, TrustedIssuer, TrustedIssuers } from './trusted-issuer.js'

/** Settles the settings of an issuer by its name, or says that it is not trusted. May throw, and must not take forever. */
export type IssuerLookup<Settings> = (issuer: string) => Eventual<Settings | undefined>

export interface TenantsOptions<Settings extends IssuerSettings> {
  readonly lookup: IssuerLookup<Settings>
  /** Gives an issuer its keys, or those that are known. May throw on settings that make no sense. */
  readonly trust: (settings: Settings, known?: KeySet) => TrustedIssuer<Settings>
  readonly clock: Clock
}

/** An answer of the lookup, and when it came. */
interface Known<Settings extends IssuerSettings> {
  readonly tenant: TrustedIssuer<Settings>
  readonly foundAt: number
}

const MAX_ISSUER_LENGTH = 512
const MAX_TENANTS = 10_000
const TENANT_LIFETIME_MS = 10 * 60_000
/** For so long past its lifetime an answer serves while a new one cannot be had. */
const MAX_STALE_MS = 10 * 60_000
/** For so long a new answer is waited for while the old one could serve. */
const PATIENCE_SECONDS = 1
const MAX_MISSES = 1000
const MISS_LIFETIME_MS = 30_000
/** For names that are not known; each known tenant has a place of its own. */
const MAX_LOOKUPS_AT_ONCE = 1000
const RETRY_SECONDS = 5

/**
 * Trusts whom a lookup trusts, and remembers its answers within bounds. An answer past its lifetime is asked for again, and
 * serves for a while where no new one comes. An answer from the future, after the clock was set back, is as good as none.
 */
export function createTenants<Settings extends IssuerSettings>(
  options: TenantsOptions<Settings>,
): TrustedIssuers<Settings> {
  const { clock } = options
  const tenants = new LRUCache<string, Known<Settings>>({ max: MAX_TENANTS })
  // Misses have a room of their own: made-up names must not push tenants out.
  const misses = new LRUCache<string, number>({ max: MAX_MISSES })
  // And so have lookups: made-up names must not take the places of tenants.
  const refreshes = new Map<string, Promise<TrustedIssuer<Settings> | undefined>>()
  const lookups = new Map<string, Promise<TrustedIssuer<Settings> | undefined>>()

  const settle = async (issuer: string): Promise<TrustedIssuer<Settings> | undefined> => {
    const tenant = await findTenant(issuer, options, tenants.peek(issuer)?.tenant)
    if (tenant === undefined) {
      misses.set(issuer, clock())
      tenants.delete(issuer)
    } else tenants.set(issuer, { tenant, foundAt: clock() })
    return tenant
  }
  /** Asks once at a time for each name. */
  const ask = (issuer: string, underWay: typeof lookups): Promise<TrustedIssuer<Settings> | undefined> => {
    const asked = underWay.get(issuer)
    if (asked !== undefined) return asked
    const asking = settle(issuer).finally(() => underWay.delete(issuer))
    underWay.set(issuer, asking)
    return asking
  }
  const isMiss = (issuer: string, now: number): boolean => {
    const missedAt = misses.get(issuer)
    return missedAt !== undefined && isWithin(now, missedAt, missedAt + MISS_LIFETIME_MS)
  }
  return {
    find(issuer) {
      if (issuer.length > MAX_ISSUER_LENGTH) return undefined
      const now = clock()
      const known = tenants.get(issuer)
      if (known === undefined) {
        if (isMiss(issuer, now)) return undefined
        if (lookups.size < MAX_LOOKUPS_AT_ONCE || lookups.has(issuer)) return ask(issuer, lookups)
        throw unavailable('too many lookups are under way')
      }
      const { tenant, foundAt } = known
      if (isWithin(now, foundAt, foundAt + TENANT_LIFETIME_MS)) return tenant
      const mayServe = isWithin(now, foundAt, foundAt + TENANT_LIFETIME_MS + MAX_STALE_MS)
      if (mayServe && refreshes.has(issuer)) return tenant
      const asking = ask(issuer, refreshes)
      const late = (): Error => unavailable('the issuer resolver takes long')
      return mayServe ? withinDeadline(asking, { seconds: PATIENCE_SECONDS, late }).catch(() => tenant) : asking
    },
    // Nobody knows the tenants before they come.
    ready: () => Promise.resolve(),
    close: () => {
      for (const { tenant } of tenants.values()) {
        tenant.keys.close()
        tenant.introspector?.close()
      }
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
    return trust(settings, known ? previous.keys : undefined)
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

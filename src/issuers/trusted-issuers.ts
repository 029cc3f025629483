import { UnavailableError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import { NotPublished } from './endpoint-location.js'
import type { Introspector } from './introspector.js'
import type { KeySet } from './key-set.js'
import { createLoadGates, type LoadGates } from './load-gates.js'
import { RemoteKeySet, type KeyLifetimes } from './remote-key-set.js'
import { createStaticKeySet } from './static-key-set.js'
import { createTenants, type IssuerLookup } from './tenants.js'
import type { IssuerSettings, TrustedIssuer, TrustedIssuers } from './trusted-issuer.js'

export interface TrustedIssuersOptions<Settings extends IssuerSettings> {
  /** A fixed list, or a lookup for many tenants. */
  readonly issuers: readonly Settings[] | IssuerLookup<Settings>
  readonly lifetimes: KeyLifetimes
  readonly maxBytes: number
  readonly dangerouslyAllowHttp: boolean
  readonly fetch: Fetch
  readonly clock: Clock
  /** Creates whoever asks an issuer about tokens, where its settings say that somebody does. */
  readonly createIntrospector?: (settings: Settings, keys: KeySet) => Introspector | undefined
}

/** Sets up the trusted issuers of a resource server. */
export function createTrustedIssuers<Settings extends IssuerSettings>(
  options: TrustedIssuersOptions<Settings>,
): TrustedIssuers<Settings> {
  const { issuers, clock, createIntrospector } = options
  const gates = createLoadGates()
  const trust = (settings: Settings, known?: KeySet): TrustedIssuer<Settings> => {
    const keys = known ?? createKeys(settings, options, gates)
    const introspector = createIntrospector?.(settings, keys)
    return introspector === undefined ? { settings, keys } : { settings, keys, introspector }
  }
  if (typeof issuers !== 'function') return createFixedIssuers(issuers.map((settings) => trust(settings)))
  return createTenants({ lookup: issuers, trust, clock })
}

function createFixedIssuers<Settings extends IssuerSettings>(
  issuers: readonly TrustedIssuer<Settings>[],
): TrustedIssuers<Settings> {
  const trusted = new Map(issuers.map((one) => [one.settings.issuer, one]))
  return {
    find: (issuer) => trusted.get(issuer),
    names: Object.freeze([...trusted.keys()]),
    ready: async () => {
      await Promise.all([...trusted.values()].map(prepare))
    },
    close: () => {
      for (const { keys, introspector } of trusted.values()) {
        keys.close()
        introspector?.close()
      }
    },
  }
}

/** An issuer of nothing but opaque tokens may publish no keys: then it is enough to know where to ask about those. */
async function prepare({ settings, keys, introspector }: TrustedIssuer): Promise<void> {
  try {
    await keys.ready()
  } catch (error) {
    const { tokens, signedResponse } = settings.introspection ?? {}
    const publishesNone = error instanceof UnavailableError && error.cause instanceof NotPublished
    if (!publishesNone || introspector === undefined || tokens !== 'opaque' || signedResponse === 'required')
      throw error
    await introspector.ready()
  }
}

function createKeys<Settings extends IssuerSettings>(
  settings: Settings,
  { lifetimes, maxBytes, dangerouslyAllowHttp, fetch, clock }: TrustedIssuersOptions<Settings>,
  gates: LoadGates,
): KeySet {
  const { issuer, algorithms, jwksUri, jwks } = settings
  if (jwks !== undefined) {
    return createStaticKeySet(jwks.keys, { issuer, algorithms, source: 'configuration' })
  }
  const source = { issuer, jwksUri, fetch, maxBytes, dangerouslyAllowHttp }
  return new RemoteKeySet({ source, lifetimes, algorithms, gates, clock })
}

import type { Introspector } from '../issuers/introspector.js'
import type { KeySet } from '../issuers/key-set.js'
import type { IssuerSettings } from '../issuers/trusted-issuer.js'
import type { EndpointOptions } from './call-endpoint.js'
import { RemoteIntrospector } from './remote-introspector.js'

/** What asking is the same in for all issuers. */
interface Circumstances extends Omit<EndpointOptions, 'settings' | 'introspection' | 'keys'> {
  readonly lifetimes: { readonly timeoutSeconds: number }
}

/** Creates whoever asks an issuer about tokens, where its settings say that somebody does. */
export function introspecting(
  common: Circumstances,
): (settings: IssuerSettings, keys: KeySet) => Introspector | undefined {
  const { timeoutSeconds } = common.lifetimes
  return (settings, keys) => {
    const { introspection } = settings
    if (introspection === undefined) return undefined
    return new RemoteIntrospector({ ...common, settings, introspection, keys, timeoutSeconds })
  }
}

import { withoutSecrets } from '../../lib/urls.js'
import type { IntrospectionSettings } from '../../issuers/introspector.js'
import { quote, quoteAll } from '../../lib/quote.js'
import type { TokenIssuer } from '../../tokens/examination.js'
import type { Configuration } from '../read-configuration.js'

/** An option as it was settled, and who said it. */
export interface Setting {
  readonly option: string
  readonly value: string
  readonly from: string
}

const BY_DEFAULT = 'default'

/** Describes what tokens are judged by. Of keys and their places nothing is shown that could be a secret. */
export function describeConfiguration({ options, settings, sources }: Configuration): readonly Setting[] {
  const { issuers } = settings
  const setting = (option: string, value: string): Setting => {
    const from = sources.get(option) ?? sourceWithin(option, sources.get('issuer'), issuers, options)
    return { option, value, from }
  }
  if (typeof issuers === 'function') return [setting('issuer', 'a function, asked for the issuer of each token')]
  const distinct = (read: (one: TokenIssuer) => readonly string[]): readonly string[] => [
    ...new Set(issuers.flatMap(read)),
  ]
  return [
    setting('issuer', quoteAll(distinct(({ issuer }) => [issuer]))),
    setting('audience', quoteAll(distinct(({ audience }) => audience))),
    setting('profile', distinct(({ profile }) => [profile.name]).join(', ')),
    ...(options.algorithms === undefined
      ? []
      : [setting('algorithms', distinct(({ algorithms }) => algorithms).join(', '))]),
    ...issuers.slice(0, 1).map((first) => describeKeys(first, setting)),
    ...issuers.flatMap(({ introspection }) =>
      introspection === undefined ? [] : [setting('introspection', describeIntrospection(introspection))],
    ),
  ]
}

function describeKeys({ jwks, jwksUri }: TokenIssuer, setting: (option: string, value: string) => Setting): Setting {
  if (jwks !== undefined) return setting('jwks', `${String(jwks.keys.length)} given, none fetched`)
  if (jwksUri !== undefined) return setting('jwksUri', withoutSecrets(jwksUri))
  return setting('jwksUri', "where the issuer's metadata says")
}

/** Whom an issuer is asked as, and where: nothing by which that is proved. */
export function describeIntrospection({ clientId, endpoint, tokens }: IntrospectionSettings): string {
  const place = endpoint === undefined ? "where the issuer's metadata says" : withoutSecrets(endpoint)
  return `${tokens === 'all' ? 'all tokens' : 'opaque tokens'}, as client ${quote(clientId)}, ${place}`
}

/** What stands beside one issuer comes from where that comes from. */
function sourceWithin(
  option: string,
  ofIssuer: string | undefined,
  issuers: Configuration['settings']['issuers'],
  { issuer }: Configuration['options'],
): string {
  const isSaid = [issuer].flat().some((one) => typeof one === 'object' && option in one)
  if (isSaid && ofIssuer !== undefined) return ofIssuer
  // `auto` chooses by the URL of the issuer.
  return option === 'profile' && typeof issuers !== 'function' ? 'the URL of the issuer' : BY_DEFAULT
}

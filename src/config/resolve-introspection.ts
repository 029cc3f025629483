import { createPublicKey, type KeyObject } from 'node:crypto'
import { ConfigurationError, UnavailableError } from '../errors.js'
import { fitsKey, isSymmetric, type Algorithm } from '../issuers/algorithms.js'
import type { ClientAuthentication, IntrospectionSettings } from '../issuers/introspector.js'
import { takeAnswer } from '../lib/take-answer.js'
import type { Eventual } from '../lib/eventual.js'
import { readUrl } from '../lib/urls.js'
import type { TokenIssuer } from '../tokens/examination.js'
import { checkUrl } from './check-url.js'
import type {
  ClientAuthenticationOptions,
  IntrospectionCacheOptions,
  IntrospectionOptions,
  PrivateKeyJwt,
} from './introspection-options.js'
import type { ResourceServerOptions } from './options.js'

/** Of keys without an algorithm of their own. */
const DEFAULT_ALGORITHMS: readonly Algorithm[] = ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']
const RETRY_SECONDS = 5

/**
 * Settles how one issuer is asked.
 *
 * @throws {ConfigurationError} When nothing could be asked in this way.
 */
export function resolveIntrospection(
  options: IntrospectionOptions | undefined,
  { issuer, dangerouslyAllowHttp }: { readonly issuer: string; readonly dangerouslyAllowHttp: boolean },
): IntrospectionSettings | undefined {
  if (options === undefined) return undefined
  const { clientId, clientAuthentication, endpoint, tokens = 'opaque', cache, signedResponse } = options
  if (endpoint !== undefined) checkUrl('introspection.endpoint', endpoint, dangerouslyAllowHttp)
  else if (readUrl(issuer) === undefined) {
    throw new ConfigurationError(
      'The option "introspection.endpoint" is missing: this issuer is no URL, so that it has no metadata that could say where to ask.',
    )
  }
  return Object.freeze({
    clientId,
    clientAuthentication: resolveClientAuthentication(clientAuthentication),
    endpoint,
    tokens,
    cache: cache && resolveCache(cache),
    signedResponse,
  })
}

function resolveCache({ seconds, negativeSeconds = 1, maxEntries = 10_000 }: IntrospectionCacheOptions) {
  return Object.freeze({ seconds, negativeSeconds, maxEntries })
}

function resolveClientAuthentication(own: ClientAuthenticationOptions): ClientAuthentication {
  return own.method === 'private_key_jwt' ? { ...own, algorithm: resolveAlgorithm(own) } : own
}

function resolveAlgorithm({ key, algorithm }: PrivateKeyJwt): Algorithm {
  const jwk = readPublicMembers(key)
  const fits = (one: Algorithm): boolean => jwk !== undefined && !isSymmetric(one) && fitsKey(one, jwk)
  const found = (algorithm === undefined ? DEFAULT_ALGORITHMS : [algorithm]).find(fits)
  if (found !== undefined) return found
  throw new ConfigurationError(
    'The option "introspection.clientAuthentication" has a "key" that does not fit its "algorithm": an RSA key, or one of P-256, P-384, P-521 or Ed25519, and the algorithm of that.',
  )
}

function readPublicMembers(key: KeyObject): { readonly kty: string; readonly crv?: string } | undefined {
  try {
    const { kty, crv } = createPublicKey(key).export({ format: 'jwk' })
    if (kty === undefined) return undefined
    return crv === undefined ? { kty } : { kty, crv }
  } catch {
    // The platform writes no JWK of some kinds.
    return undefined
  }
}

/** How it is found out which issuer is to be asked about an opaque token, by name. */
export type IssuerOfOpaque = (token: string) => Eventual<string | undefined>

/**
 * Settles which issuer is asked about an opaque token: the one that there is, or the one that the user's function names. It is
 * never asked around: whoever is asked learns the token.
 *
 * @throws {ConfigurationError} When that cannot be told.
 */
export function resolveIssuerOfOpaque(
  issuers: readonly TokenIssuer[] | ((issuer: string) => unknown),
  route: ResourceServerOptions['issuerOfOpaqueToken'],
  callbackTimeoutSeconds: number,
): IssuerOfOpaque | undefined {
  if (route !== undefined) {
    if (typeof issuers !== 'function' && issuers.every(({ introspection }) => introspection === undefined)) {
      throw new ConfigurationError('The option "issuerOfOpaqueToken" is set, and no issuer has "introspection".')
    }
    return (token) => askRoute(route, token, callbackTimeoutSeconds)
  }
  if (typeof issuers === 'function') return undefined
  const [first, second] = issuers.filter(({ introspection }) => introspection !== undefined)
  if (first === undefined) return undefined
  if (second === undefined) return () => first.issuer
  throw new ConfigurationError(
    'Several issuers have "introspection", and an opaque token goes to one only: set "issuerOfOpaqueToken" to a function that names it by the token, by its beginning say.',
  )
}

function askRoute(route: (token: string) => unknown, token: string, seconds: number): Eventual<string | undefined> {
  const read = (answer: unknown): string | undefined => (typeof answer === 'string' ? answer : undefined)
  const late = (): Error => unavailable(`"issuerOfOpaqueToken" did not answer within ${String(seconds)} s`)
  const failed = (cause: unknown): never => {
    throw cause instanceof UnavailableError ? cause : unavailable('"issuerOfOpaqueToken" failed', cause)
  }
  try {
    const name = takeAnswer(route(token), { read, deadline: { seconds, late } })
    return name instanceof Promise ? name.catch(failed) : name
  } catch (error) {
    return failed(error)
  }
}

function unavailable(detail: string, cause?: unknown): UnavailableError {
  return new UnavailableError('introspection_unavailable', { detail, cause, retryAfterSeconds: RETRY_SECONDS })
}

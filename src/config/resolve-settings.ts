import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigurationError, UnavailableError } from '../errors.js'
import { defaultAlgorithms, isSymmetric, type Algorithm } from '../issuers/algorithms.js'
import { systemClock, type Clock } from '../lib/clock.js'
import type { Eventual } from '../lib/eventual.js'
import type { Fetch } from '../lib/fetch-json.js'
import { isPromised, takeAnswer } from '../lib/take-answer.js'
import { isAbsoluteUrl, readUrl } from '../lib/urls.js'
import { createScopeHierarchy, findCycle, type ScopeHierarchy, type ScopeRules } from '../policy/scope-hierarchy.js'
import { isScopeToken } from '../policy/scope-token.js'
import type { Revocation } from '../revocation/revocation.js'
import type { TokenIssuer } from '../tokens/examination.js'
import { profileFor } from '../tokens/profiles/index.js'
import type { Profile } from '../tokens/profiles/profile.js'
import { resolveAuthorityPaths } from '../tokens/authority-paths.js'
import { checkAudience, judgeAudience } from './check-audience.js'
import { checkProvider } from './check-provider.js'
import { checkUrl } from './check-url.js'
import { readListVariable, readVariable, type Environment } from './environment.js'
import { resolveMtls, type MtlsSettings } from './mtls-options.js'
import { quoteList, splitList } from './one-text.js'
import type { DpopOptions, IssuerOptions, ResourceServerOptions, TokenOptions } from './options.js'
import { parseOptions } from './parse-options.js'
import { resolveIntrospection, resolveIssuerOfOpaque, type IssuerOfOpaque } from './resolve-introspection.js'
import { issuerSchema, optionsSchema } from './schema.js'

/** How proofs are taken. */
interface ProofSettings extends DpopOptions {
  readonly required: boolean
  readonly algorithms: readonly Algorithm[]
  readonly proofMaxAgeSeconds: number
  readonly futureSeconds: number
}

/** Options with every default settled and every contradiction refused. */
export interface Settings {
  readonly issuers: readonly TokenIssuer[] | ((issuer: string) => Eventual<TokenIssuer | undefined>)
  /** Which issuer is asked about an opaque token; undefined where they are refused. */
  readonly issuerOfOpaque: IssuerOfOpaque | undefined
  readonly clockToleranceSeconds: number
  readonly maxTokenAgeSeconds: number | undefined
  readonly schema: StandardSchemaV1 | undefined
  readonly scopeHierarchy: ScopeHierarchy | undefined
  /** Undefined where no tokens are taken that are bound to a key. */
  readonly dpop: ProofSettings | undefined
  /** Undefined where no tokens are taken that are bound to a certificate. */
  readonly mtls: MtlsSettings | undefined
  /** Undefined where no token can be taken back. */
  readonly revocation: Revocation | undefined
  readonly lifetimes: {
    readonly freshSeconds: number | undefined
    readonly maxStaleSeconds: number
    readonly cooldownSeconds: number
    readonly timeoutSeconds: number
  }
  readonly maxBytes: number
  /** Undefined for none. */
  readonly cache: { readonly maxEntries: number; readonly maxAgeSeconds: number } | undefined
  /** For each answer of a function that the user passed in. */
  readonly callbackTimeoutSeconds: number
  readonly dangerouslyAllowHttp: boolean
  readonly realm: string
  readonly resourceMetadata: string | undefined
  readonly fetch: Fetch
  readonly clock: Clock
}

/**
 * Settles the options: what is written wins over the environment, which wins over the defaults.
 *
 * @throws {ConfigurationError} When something is missing, unknown or contradictory.
 */
export function resolveSettings(input: ResourceServerOptions, environment: Environment): Settings {
  if (isPromised(input))
    throw new ConfigurationError('The options are a promise: write "await" before what gives them.')
  const options = parseOptions(optionsSchema, input)
  const { keys, verifiedTokenCache, dangerouslyAllowHttp } = options
  const audience = options.audience ?? readListVariable(environment.OAUTH_AUDIENCE)
  const issuer = options.issuer ?? readVariable(environment.OAUTH_ISSUER)
  const issuers = resolveIssuers(issuer, { ...options, audience })
  return Object.freeze({
    issuers,
    issuerOfOpaque: resolveIssuerOfOpaque(issuers, options.issuerOfOpaqueToken, options.callbackTimeoutSeconds),
    clockToleranceSeconds: options.clockToleranceSeconds,
    maxTokenAgeSeconds: options.maxTokenAgeSeconds,
    schema: options.claims,
    scopeHierarchy: resolveScopeHierarchy(options.scopeHierarchy),
    dpop: options.dpop && Object.freeze({ ...options.dpop, algorithms: options.dpop.algorithms ?? defaultAlgorithms }),
    mtls: resolveMtls(options.mtls),
    revocation: options.revocation,
    lifetimes: Object.freeze({ freshSeconds: undefined, ...keys }),
    maxBytes: keys.maxBytes,
    cache: verifiedTokenCache === false ? undefined : verifiedTokenCache,
    callbackTimeoutSeconds: options.callbackTimeoutSeconds,
    dangerouslyAllowHttp,
    realm: options.realm,
    resourceMetadata: resolveMetadataUrl(options.resourceMetadataUrl, dangerouslyAllowHttp),
    // Looked up at each call: a test or an instrumentation may replace the global one.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clock: options.clock ?? systemClock,
  })
}

type Common = TokenOptions & { readonly dangerouslyAllowHttp: boolean; readonly callbackTimeoutSeconds: number }

function resolveIssuers(issuer: ResourceServerOptions['issuer'], common: Common): Settings['issuers'] {
  if (issuer === undefined) {
    throw new ConfigurationError(
      'No issuer. Set the option "issuer" or the environment variable OAUTH_ISSUER to the issuer identifier of your provider, for example "https://login.example.com".',
    )
  }
  if (typeof issuer === 'function') {
    requireAudience(common.audience)
    // Parsed, it is a copy, of which every member was read once.
    const read = (found: unknown): TokenIssuer | undefined =>
      found === undefined ? undefined : resolveIssuer(parseOptions(issuerSchema, found), common)
    const deadline = { seconds: common.callbackTimeoutSeconds, late: () => lateResolver(common.callbackTimeoutSeconds) }
    return (unverified) => takeAnswer(issuer(unverified), { read, deadline })
  }
  const list = [issuer].flat().map((one) => resolveIssuer(typeof one === 'string' ? { issuer: one } : one, common))
  const repeated = list.find((one, position) => list.findIndex((other) => other.issuer === one.issuer) !== position)
  if (repeated !== undefined) {
    throw new ConfigurationError(
      `The issuer "${repeated.issuer}" is listed twice: leave one out. One issuer may have several audiences.`,
    )
  }
  return Object.freeze(list)
}

function lateResolver(seconds: number): UnavailableError {
  const detail = `the issuer resolver did not answer within ${String(seconds)} s`
  return new UnavailableError('issuer_unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
}

const RETRY_SECONDS = 5

function resolveIssuer(own: IssuerOptions, common: Common): TokenIssuer {
  const { issuer, isAccessToken, algorithms = common.algorithms ?? defaultAlgorithms } = own
  const { jwks, jwksUri } = resolveKeys(own, common)
  checkAlgorithms(algorithms, jwks)
  checkIssuer(issuer, jwks !== undefined || jwksUri !== undefined, common.dangerouslyAllowHttp)
  checkProvider(issuer)
  const profile = withIgnoredMarks(profileFor(own.profile ?? common.profile ?? 'auto', issuer), own)
  checkPredicate(isAccessToken, profile, issuer)
  const audience = Object.freeze(requireAudience(own.audience ?? common.audience))
  judgeAudience(audience, issuer, profile.name)
  return Object.freeze({
    issuer,
    algorithms: Object.freeze([...algorithms]),
    jwksUri,
    jwks,
    audience,
    profile,
    isAccessToken,
    introspection: resolveIntrospection(own.introspection, { ...common, issuer }),
    authorityPaths: resolveAuthorityPaths(profile, audience, own.claimPaths ?? common.claimPaths),
  })
}

function withIgnoredMarks(profile: Profile, { dangerouslyIgnoredMarks: ignored }: IssuerOptions): Profile {
  if (ignored === undefined) return profile
  return { ...profile, otherwiseUsed: [...(profile.otherwiseUsed ?? []), ...ignored] }
}

/** A predicate must be there where nothing else could admit a token, and not where it would never be asked. */
function checkPredicate(isAccessToken: IssuerOptions['isAccessToken'], profile: Profile, issuer: string): void {
  if (isAccessToken !== undefined && profile.onlyTyped === true) {
    throw new ConfigurationError(
      `The profile "${profile.name}" accepts "typ: at+jwt" and nothing else: "isAccessToken" would never be asked. Leave one out.`,
    )
  }
  // A predicate may admit what Google makes for service accounts.
  if (isAccessToken === undefined && profile.name === 'google' && issuer === 'https://accounts.google.com') {
    throw new ConfigurationError(
      'Google issues no access tokens for other APIs than its own: a JWT of Google\'s is an ID token, and refused. Put an issuer of your own in between, or admit what you mean by "isAccessToken", tokens of service accounts say.',
    )
  }
}

/** Where an issuer's keys come from: what it says itself, or else what stands at the top. */
function resolveKeys(own: IssuerOptions, common: Common): Pick<TokenOptions, 'jwks' | 'jwksUri'> {
  const { jwks, jwksUri } = own.jwks === undefined && own.jwksUri === undefined ? common : own
  if (jwks !== undefined && jwksUri !== undefined) {
    throw new ConfigurationError('Both "jwks" and "jwksUri" are set: leave one out.')
  }
  if (jwksUri !== undefined) {
    checkUrl('jwksUri', jwksUri, common.dangerouslyAllowHttp)
    if (/\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?:[/?#]|$)/.test(jwksUri)) {
      throw new ConfigurationError(
        'The option "jwksUri" is the address of the metadata, not of the keys: leave it out, and the metadata of "issuer" is asked for them; or write the "jwks_uri" that stands in it.',
      )
    }
  }
  return { jwks, jwksUri }
}

function requireAudience(audience: TokenOptions['audience']): readonly string[] {
  if (audience !== undefined) {
    checkAudience(audience)
    return [audience].flat()
  }
  throw new ConfigurationError(
    'No audience. Set the option "audience" or the environment variable OAUTH_AUDIENCE to the identifier of this API, for example "https://api.example.com". Without it, a token issued for any other API would open this one.',
  )
}

function checkAlgorithms(algorithms: TokenOptions['algorithms'] & object, jwks: TokenOptions['jwks']): void {
  if (!algorithms.some(isSymmetric)) return
  if (jwks === undefined) {
    throw new ConfigurationError(
      'HS256, HS384 and HS512 need a secret that you give in the option "jwks"; they are never used with keys that are fetched, since those are public.',
    )
  }
  if (!algorithms.every(isSymmetric)) {
    throw new ConfigurationError(
      'The option "algorithms" mixes HS256, HS384 or HS512 with public-key algorithms: give each its own issuer.',
    )
  }
}

/** An issuer whose keys are told, by a set or by an address that is checked itself, is a mere name: nothing is fetched from it. */
function checkIssuer(issuer: string, isMereName: boolean, dangerouslyAllowHttp: boolean): void {
  const url = readUrl(issuer)
  const several = splitList(issuer)
  if (several.length > 1 && several.every((one) => readUrl(one) !== undefined)) {
    throw new ConfigurationError(
      `The option "issuer" holds several issuers in one text: write a list, ${quoteList(several)}.`,
    )
  }
  if (/\s/.test(issuer)) throw new ConfigurationError('The option "issuer" holds white space: remove it.')
  // RFC 3986 §2 has no braces. Microsoft Entra's metadata for many tenants names its issuer in this way.
  if (/[{}]/.test(issuer)) {
    throw new ConfigurationError(
      'The option "issuer" holds a placeholder in braces: list the issuer of each tenant that you trust, with the name of the tenant in it.',
    )
  }
  if (isMereName) return
  if (url === undefined) {
    throw new ConfigurationError(
      `The option "issuer" is not a URL: write "https://..." exactly as it stands in the tokens' "iss", or add "jwksUri".`,
    )
  }
  checkUrl('issuer', issuer, dangerouslyAllowHttp)
  // RFC 8414 §2
  if (url.search !== '' || url.hash !== '')
    throw new ConfigurationError('The option "issuer" must have no query and no fragment.')
}

function resolveScopeHierarchy(rules: ScopeRules | undefined): ScopeHierarchy | undefined {
  if (rules === undefined) return undefined
  const { implies, wildcards } = rules
  const malformed = Object.keys(implies).find((one) => !isScopeToken(one))
  if (malformed !== undefined) {
    throw new ConfigurationError(
      `The option "scopeHierarchy.implies" names "${malformed}", which is not one scope: printable ASCII without spaces, quotes and backslashes.`,
    )
  }
  const wildcard = Object.values(implies)
    .flat()
    .find((one) => one.includes('*'))
  if (wildcards && wildcard !== undefined) {
    throw new ConfigurationError(
      `The option "scopeHierarchy.implies" implies "${wildcard}": only a token can hold a wildcard. List the scopes that are meant.`,
    )
  }
  const cycle = findCycle(implies)
  if (cycle !== undefined) {
    throw new ConfigurationError(
      `The option "scopeHierarchy.implies" goes in a circle: "${cycle}" implies itself. Take one of its steps out.`,
    )
  }
  return createScopeHierarchy(rules)
}

function resolveMetadataUrl(text: string | undefined, dangerouslyAllowHttp: boolean): string | undefined {
  if (text === undefined) return undefined
  if (!isAbsoluteUrl(text))
    throw new ConfigurationError('The option "resourceMetadataUrl" must be a whole URL: "https://...".')
  checkUrl('resourceMetadataUrl', text, dangerouslyAllowHttp)
  return text
}

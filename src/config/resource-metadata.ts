import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { insertWellKnown, isAbsoluteUrl, isSecure, readUrl } from '../lib/urls.js'
import { isScopeToken } from '../policy/scope-token.js'
import { describeDpop } from './describe-dpop.js'
import { readListVariable, readVariable, type Environment } from './environment.js'
import { mtlsSchema, type MtlsOptions } from './mtls-options.js'
import type { DpopOptions } from './options.js'
import { parseOptions } from './parse-options.js'
import { dpopSchema } from './schema.js'
import { list, strictObject } from './shapes.js'

/** What the metadata of a protected resource says (RFC 9728 §2). */
export interface ResourceMetadataOptions {
  /**
   * The resource identifier of this API: an https URL without fragment, as clients call it. Published character by
   * character. Default: the environment variable `OAUTH_AUDIENCE`, if it names one.
   */
  readonly resource?: string | undefined
  /** The issuers that clients may get tokens from. Default: the environment variable `OAUTH_ISSUER`. */
  readonly authorizationServers?: readonly string[] | undefined
  /** The scopes that clients may ask for. Not `offline_access`, which is between a client and its issuer. */
  readonly scopesSupported?: readonly string[] | undefined
  /** The scopes that a 401 names, so that a client asks for these and no more. Not `offline_access`. Default: none. */
  readonly challengeScopes?: readonly string[] | undefined
  /** A name for people. */
  readonly resourceName?: string | undefined
  /** A page for developers. */
  readonly resourceDocumentation?: string | undefined
  /**
   * What `requireAuth` is given as `dpop`: the metadata then says which algorithms proofs may have, and whether nothing but bound
   * tokens is taken. Default: nothing is said of proofs.
   */
  readonly dpop?: DpopOptions | undefined
  /**
   * What `requireAuth` is given as `mtls`: the metadata then says that tokens may be bound to a certificate. Default: nothing is said
   * of certificates.
   */
  readonly mtls?: MtlsOptions | undefined
  /** Accepts an `http` identifier beyond this machine. Default: false. */
  readonly dangerouslyAllowHttp?: boolean | undefined
}

/** The document, and where it belongs. */
export interface ResourceMetadata {
  /** The identifier, character by character. */
  readonly resource: string
  /** Absolute, for the challenges. */
  readonly url: string
  /** Path and query of the same. */
  readonly wellKnownPath: string
  /** The path below which requests are requests to this resource; empty for the whole host. */
  readonly resourcePath: string
  /** What a 401 names. */
  readonly challengeScopes: readonly string[] | undefined
  readonly document: Readonly<Record<string, unknown>>
}

const text = z.string('must be a text')
const texts = list(z.string('must hold texts').check(z.minLength(1, 'must not hold an empty text')), {
  form: 'must be an array of texts',
  atLeastOne: 'must not be empty',
})

const schema = strictObject(
  {
    resource: z.optional(text),
    authorizationServers: z.optional(texts),
    scopesSupported: z.optional(texts),
    challengeScopes: z.optional(texts),
    resourceName: z.optional(text.check(z.minLength(1, 'must not be empty'))),
    resourceDocumentation: z.optional(text.check(z.refine(isAbsoluteUrl, 'must be an https URL'))),
    dpop: z.optional(dpopSchema),
    mtls: z.optional(mtlsSchema),
    dangerouslyAllowHttp: z.optional(z.boolean('must be true or false')),
  },
  'must be an object',
)

/**
 * Settles the metadata of a protected resource. Members without a value are left out of the document.
 *
 * @throws {ConfigurationError} When something is missing, unknown or malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3 | RFC 9728 §3}
 */
export function resolveResourceMetadata(input: ResourceMetadataOptions, environment: Environment): ResourceMetadata {
  const options = parseOptions(schema, input)
  const issuer = readVariable(environment.OAUTH_ISSUER)
  const authorizationServers = options.authorizationServers ?? (issuer === undefined ? undefined : [issuer])
  if (authorizationServers === undefined) {
    throw new ConfigurationError(
      'No authorization server. Set "authorizationServers" or the environment variable OAUTH_ISSUER.',
    )
  }
  const allowHttp = options.dangerouslyAllowHttp === true
  if (!authorizationServers.every((one) => isIssuerUrl(one, allowHttp))) {
    throw new ConfigurationError(
      'The option "authorizationServers" (default: the environment variable OAUTH_ISSUER) must hold https URLs without query and fragment.',
    )
  }
  checkScopes('scopesSupported', options)
  checkScopes('challengeScopes', options)
  const [resource, identifier] = readResource(options.resource ?? readOneAudience(environment), allowHttp)
  const url = insertWellKnown(identifier, 'oauth-protected-resource')
  return Object.freeze({
    resource,
    url: url.href,
    wellKnownPath: url.pathname + url.search,
    resourcePath: identifier.pathname.replace(/\/$/, ''),
    challengeScopes: options.challengeScopes,
    document: Object.freeze({
      resource,
      authorization_servers: authorizationServers,
      ...(options.scopesSupported && { scopes_supported: options.scopesSupported }),
      bearer_methods_supported: ['header'],
      ...describeDpop(options.dpop, identifier),
      ...(options.mtls && { tls_client_certificate_bound_access_tokens: true }),
      ...(options.resourceName !== undefined && { resource_name: options.resourceName }),
      ...(options.resourceDocumentation !== undefined && { resource_documentation: options.resourceDocumentation }),
    }),
  })
}

/** Whether a client is there when its user is not, is between it and its issuer. */
function checkScopes(name: 'scopesSupported' | 'challengeScopes', options: ResourceMetadataOptions): void {
  if (options[name]?.every((one) => isScopeToken(one) && one !== 'offline_access') ?? true) return
  throw new ConfigurationError(`The option "${name}" holds "offline_access" or something that is no scope.`)
}

/** RFC 8414 §2: an issuer identifier has no query and no fragment. */
function isIssuerUrl(text: string, dangerouslyAllowHttp: boolean): boolean {
  const url = readUrl(text)
  return isAbsoluteUrl(text) && url !== undefined && isSecure(url, dangerouslyAllowHttp) && !/[?#]/.test(text)
}

function readResource(text: string | undefined, dangerouslyAllowHttp: boolean): readonly [string, URL] {
  const url = text === undefined ? undefined : readUrl(text)
  if (
    text === undefined ||
    url === undefined ||
    !isSecure(url, dangerouslyAllowHttp) ||
    text.includes('#') ||
    !isAbsoluteUrl(text)
  ) {
    throw new ConfigurationError(
      'The option "resource" (default: the environment variable OAUTH_AUDIENCE) must be the https URL of this API, without a fragment.',
    )
  }
  return [text, url]
}

function readOneAudience({ OAUTH_AUDIENCE }: Environment): string | undefined {
  const audience = readListVariable(OAUTH_AUDIENCE) ?? []
  if (audience.length <= 1) return audience[0]
  throw new ConfigurationError(
    'The environment variable OAUTH_AUDIENCE names several audiences: say by the option "resource" which of them is the URL of this API.',
  )
}

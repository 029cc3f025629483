import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Algorithm } from '../issuers/algorithms.js'
import type { Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import type { IntrospectionOptions } from './introspection-options.js'
import type { MtlsOptions } from './mtls-options.js'
import type { ClaimPath } from '../tokens/claim-path.js'
import type { Revocation } from '../revocation/revocation.js'
import type { Store } from '../stores/store.js'
import type { IsAccessToken } from '../tokens/classify-token.js'
import type { ProfileName } from '../tokens/profiles/index.js'

/** A JSON Web Key Set (RFC 7517 §5) of public keys, or of secrets where `algorithms` names HS256, HS384 or HS512. */
export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

/** What a schema for claims makes of them. */
export type ClaimsOf<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>

/**
 * Claims by their paths: a text is split at its dots unless it holds a colon, an array is taken key by key. They say where to
 * look, and nothing of what marks an access token.
 */
export interface ClaimPathOptions {
  readonly scopes?: ClaimPath | undefined
  readonly roles?: ClaimPath | undefined
  readonly permissions?: ClaimPath | undefined
  /** A text: the client that got the token. */
  readonly clientId?: ClaimPath | undefined
}

/** What may stand at the top, for every issuer, or be said of one issuer. */
export interface TokenOptions {
  /**
   * The identifier of this API, as it stands in `aud`; a token needs one of them. Compared whole, character by character, but
   * that `https://api.example.com` and `https://api.example.com/`, a URL without a path, are one. Several are a list, and so is
   * one name with a comma in it.
   *
   * Default: the environment variable `OAUTH_AUDIENCE`, one or several with commas or spaces between. There is no way to leave
   * it out.
   */
  readonly audience?: string | readonly string[] | undefined
  /**
   * How the issuer's access tokens look: a provider's name, `'rfc9068'` for `typ: at+jwt` and nothing else, `'generic'` for
   * marks that only access tokens carry, or `'auto'`, which is `'generic'` and knows the providers' URLs.
   *
   * Default: `'auto'`.
   */
  readonly profile?: ProfileName | undefined
  /**
   * Where the issuer has scopes, roles, permissions and the client, for what no profile knows. Each replaces the places of the
   * profile.
   *
   * @example
   *   claimPaths: { roles: 'https://app.example.com/roles', permissions: ['app.v1', 'permissions'] }
   */
  readonly claimPaths?: ClaimPathOptions | undefined
  /**
   * The signature algorithms that are accepted. HS256, HS384 and HS512 only together with `jwks`, and then nothing else.
   *
   * Default: RS256-512, PS256-512, ES256-512, EdDSA and Ed25519. A fetched RSA key without `alg` is held to the first
   * RSA algorithm of this list.
   */
  readonly algorithms?: readonly Algorithm[] | undefined
  /** Where the issuer publishes its keys. Default: its metadata says so (OpenID Connect Discovery, RFC 8414). */
  readonly jwksUri?: string | undefined
  /** The issuer's keys themselves, instead of fetching any. Copied at start-up. */
  readonly jwks?: JsonWebKeySet | undefined
}

/** One trusted issuer. What is not said here is taken from the options at the top. */
export interface IssuerOptions extends TokenOptions {
  /** The issuer identifier, exactly as it stands in `iss`; a slash at the end counts. */
  readonly issuer: string
  /**
   * Decides about tokens that bear no mark at all, after every rule that refuses: it can admit such a token and nothing
   * else, at once. Only `true` admits; a throw refuses, and so does a promise. It must go by its arguments alone: while a token is remembered
   * (`verifiedTokenCache`) it is not asked again.
   *
   * @example
   *   isAccessToken: (header, claims) => claims.token_kind === 'api'
   */
  readonly isAccessToken?: IsAccessToken | undefined
  /**
   * Claims of this issuer's access tokens that look as if they marked another kind of token, and mean something of their own:
   * an `active` that says that the user is, a `token_type` of `"user"`. They say nothing about the kind then, but that a text
   * like `"refresh"` or `"id"` refuses all the same.
   *
   * It is your word that none of this issuer's other tokens is told by these claims alone. Default: none.
   *
   * @example
   *   dangerouslyIgnoredMarks: ['active']
   */
  readonly dangerouslyIgnoredMarks?: readonly string[] | undefined
  /**
   * Has opaque tokens taken by asking this issuer about each (RFC 7662), as a client of its. Default: they are refused.
   *
   * @example
   *   introspection: {
   *     clientId: 'orders-api',
   *     clientAuthentication: { method: 'client_secret_basic', clientSecret },
   *   }
   */
  readonly introspection?: IntrospectionOptions | undefined
}

/**
 * Settles an issuer by the name that a token gives, for many tenants; `undefined` for one that is not trusted.
 *
 * The name is unverified: anybody can write anything there, up to 512 characters. Look it up in a list of your own.
 * `(iss) => ({ issuer: iss })` would trust the whole internet. What it returns must name the same issuer. Answers are
 * copied and kept for 10 minutes, misses for 30 seconds; a throw is answered 503, and so is what takes longer than
 * `callbackTimeoutSeconds`. A tenant that is known is served by the last answer for 10 more minutes where no new one comes.
 */
export type IssuerResolver = (
  unverifiedIssuer: string,
) => IssuerOptions | undefined | PromiseLike<IssuerOptions | undefined>

/** How an issuer's keys are kept. */
export interface KeyOptions {
  /** How long fetched keys are fresh, in seconds. Default: the issuer's `max-age` from 60 to 3600, or 600 without it. */
  readonly freshSeconds?: number | undefined
  /**
   * How long after they were fetched keys may serve while newer ones cannot be had, in seconds, at most 86,400.
   *
   * A trade: availability while the issuer is down, against a withdrawn key whose holder can also block the key endpoint.
   * 0 turns it off. Default: 14,400 (4 hours).
   */
  readonly maxStaleSeconds?: number | undefined
  /** The least time between two fetches for unknown key names, in seconds. Default: 30. */
  readonly cooldownSeconds?: number | undefined
  /** For one load, metadata and keys, to the last byte, in seconds, at most 30. Default: 5. */
  readonly timeoutSeconds?: number | undefined
  /** For one document after decompression, in bytes. Default: 524,288 (512 KiB). */
  readonly maxBytes?: number | undefined
}

/** How much is remembered of tokens that were verified. */
export interface VerifiedTokenCacheOptions {
  /** Room for so many tokens that hold up to 1 KiB; others take more of it. Default: 10,000, at most 15 MiB. */
  readonly maxEntries?: number | undefined
  /** After so many seconds everything about a token is found out again. Default: 600. */
  readonly maxAgeSeconds?: number | undefined
}

/** Which scopes imply others. */
export interface ScopeHierarchyOptions {
  /** What a scope implies, and by way of it everything that those imply. A scope that implies itself is an error. */
  readonly implies?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * Whether a scope that a token holds and that ends in `:*` implies every scope that goes on from there: `orders:*` implies
   * `orders:read` and `orders:items:read`. A `*` anywhere else means nothing. Default: false.
   */
  readonly wildcards?: boolean | undefined
}

/** How access tokens that are bound to a key are taken (RFC 9449). */
export interface DpopOptions {
  /**
   * Where clients reach this API: `https://api.example.com`, and with it the path that a proxy takes off before a request gets
   * here. Proofs name the URL of their request, and nothing that a request says of its host counts.
   */
  readonly origin: string
  /** Takes nothing but tokens that are bound to a key. Default: false, Bearer tokens as well. */
  readonly required?: boolean | undefined
  /** The signature algorithms of proofs, asymmetric ones. Default: RS256-512, PS256-512, ES256-512, EdDSA and Ed25519. */
  readonly algorithms?: readonly Algorithm[] | undefined
  /** How old a proof may be, in seconds, at most 3600. Default: 60. */
  readonly proofMaxAgeSeconds?: number | undefined
  /** How far the clocks of clients may be ahead, in seconds, at most 300. Default: 10. */
  readonly futureSeconds?: number | undefined
  /**
   * Has every proof hold a nonce of this server, so that none can be made in advance. `secret` has at least 32 bytes and is the
   * same in all processes; a nonce is given out for `everySeconds` and taken for as long again. Default: none.
   */
  readonly nonce?: { readonly secret: string | Uint8Array; readonly everySeconds: number } | undefined
  /** Where used proofs are remembered, for several processes: see `/redis`. Default: in the memory of this process. */
  readonly replay?: Store | undefined
}

/** Everything that can be said of a resource server, but for what concerns Express. */
export interface ResourceServerOptions extends TokenOptions {
  /**
   * Who may issue tokens: an issuer identifier, an object about one, several of them, or a resolver for many tenants.
   *
   * Default: the environment variable `OAUTH_ISSUER`.
   */
  readonly issuer?: string | IssuerOptions | readonly (string | IssuerOptions)[] | IssuerResolver | undefined
  /**
   * Names the issuer of an opaque token by the token alone, now or later; `undefined` for one that is nobody's. Needed where
   * several issuers have `introspection`, and where `issuer` is a function. A throw is answered 503.
   */
  readonly issuerOfOpaqueToken?: ((token: string) => string | undefined | PromiseLike<string | undefined>) | undefined
  /** How far the clocks may differ, in seconds, 0 to 300; an expired token is forgiven for 60 at most. Default: 30. */
  readonly clockToleranceSeconds?: number | undefined
  /** The longest life of a token since `iat`, in seconds. Default: none. */
  readonly maxTokenAgeSeconds?: number | undefined
  /** A Standard Schema (zod, valibot, arktype, ...) that the claims must fit. Its output is what `getAuth(req).claims` holds. */
  readonly claims?: StandardSchemaV1 | undefined
  /**
   * Which scopes imply others, for every guard behind this server. What `getAuth(req).scopes` holds stays what the token
   * carries. Default: a scope stands for itself alone.
   *
   * @example
   *   scopeHierarchy: { implies: { 'orders:admin': ['orders:read', 'orders:write'] }, wildcards: true }
   */
  readonly scopeHierarchy?: ScopeHierarchyOptions | undefined
  /**
   * Takes tokens that are bound to a key of their client, each time with a proof (`Authorization: DPoP`). Default: they are
   * refused.
   *
   * @example
   *   dpop: { origin: 'https://api.example.com' }
   */
  readonly dpop?: DpopOptions | undefined
  /**
   * Takes tokens that are bound to a certificate of their client, which has to be there each time. Default: they are refused.
   *
   * @example
   *   mtls: { certificate: 'socket' }
   */
  readonly mtls?: MtlsOptions | undefined
  /**
   * What has been taken back, as `createRevocation` makes it: each request asks it. Default: nothing is, until it expires.
   *
   * @example
   *   revocation: createRevocation({ store })
   */
  readonly revocation?: Revocation | undefined
  readonly keys?: KeyOptions | undefined
  /** Remembers what was found out about good tokens. It changes what a request costs, never its verdict. `false`: not. */
  readonly verifiedTokenCache?: false | VerifiedTokenCacheOptions | undefined
  /**
   * How long a function of yours may take to answer, in seconds, at most 60: the issuer resolver, `issuerOfOpaqueToken`, the schema in `claims`, a
   * policy, `onError`, the stores of `failedAuthLimit` and `dpop`. Each has as long. What comes later does not count: it is 503 where a
   * verdict hangs on it. Default: 5.
   */
  readonly callbackTimeoutSeconds?: number | undefined
  /** Accepts `http` issuers and key sets beyond this machine: whoever sits in between can then forge tokens. Default: false. */
  readonly dangerouslyAllowHttp?: boolean | undefined
  /** The realm of the challenges. Default: `'api'`. */
  readonly realm?: string | undefined
  /** Where the metadata of this resource is (RFC 9728), for the challenges. Default: see `protectedResourceMetadata`. */
  readonly resourceMetadataUrl?: string | undefined
  /** Fetches metadata and keys, through a proxy say. Default: the platform's `fetch`. */
  readonly fetch?: Fetch | undefined
  /** Tells the time in milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: Clock | undefined
}

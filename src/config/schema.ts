import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod/mini'
import { ABOUT_SECRETS, algorithmNames } from '../issuers/algorithms.js'
import type { Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import { isQuotable } from '../lib/header-grammar.js'
import { isListOfScopes, isScopeToken } from '../policy/scope-token.js'
import { JUDGE, type Revocation } from '../revocation/revocation.js'
import type { Store } from '../stores/store.js'
import type { IsAccessToken } from '../tokens/classify-token.js'
import { KIND_CLAIMS } from '../tokens/kind-claims.js'
import { MESSAGE_CLAIMS } from '../tokens/message-marks.js'
import { profileNames } from '../tokens/profiles/index.js'
import { introspectionSchema } from './introspection-schema.js'
import { mtlsSchema } from './mtls-options.js'
import type { IssuerResolver, ResourceServerOptions } from './options.js'
import { list, record, strictObject } from './shapes.js'

// The messages continue a sentence that starts with the option's name.
const EMPTY = 'must not be empty'
const text = z.string('must be a text').check(z.minLength(1, EMPTY))
const texts = list(text, { atLeastOne: EMPTY })
const flag = z.boolean('must be true or false')
const seconds = (min: number, max: number) => {
  const range = `must be a number of seconds from ${String(min)} to ${String(max)}`
  return z.number(range).check(z.gte(min, range), z.lte(max, range))
}
const wholeNumber = (unit: string, min: number, max: number) =>
  z
    .int({ error: `must be a whole number of ${unit}`, abort: true })
    .check(z.gte(min, `must be at least ${String(min)}`), z.lte(max, `must be at most ${String(max)}`))
const aFunction = <Type>() => z.custom<Type>((value) => typeof value === 'function', 'must be a function')

const ISSUER_FORM = 'must be a text, an object { issuer, ... }'
const KEY_SET_FORM = 'must be a JSON Web Key Set: { keys: [{ kty: ... }, ...] }'
const keySetForm = (written: unknown) => {
  if (typeof written !== 'string') return KEY_SET_FORM
  return written.startsWith('-----BEGIN')
    ? 'must be a JSON Web Key Set and no PEM: { keys: [createPublicKey(pem).export({ format: \'jwk\' })] }, by "node:crypto"'
    : `${KEY_SET_FORM}. A text is a shared secret, ${ABOUT_SECRETS}`
}

const claimPath = z.optional(z.union([text, texts], 'must be a claim: a text, or an array of the keys to it'))
const claimPaths = { scopes: claimPath, roles: claimPath, permissions: claimPath, clientId: claimPath }

const algorithms = z.optional(
  list(z.enum(algorithmNames, `must hold names out of ${algorithmNames.join(', ')}`), {
    form: "must be an array of names: ['RS256', 'ES256']",
    atLeastOne: 'must name at least one algorithm; leave it out for the asymmetric ones',
  }),
)

const tokenOptions = {
  audience: z.optional(z.union([text, texts], 'must be a text or several, none of them empty')),
  profile: z.optional(z.enum(profileNames, `must be one of ${profileNames.join(', ')}`)),
  claimPaths: z.optional(strictObject(claimPaths, 'must be an object { scopes, roles, permissions, clientId }')),
  algorithms,
  jwksUri: z.optional(text),
  jwks: z.optional(strictObject({ keys: list(record(z.unknown(), keySetForm), { form: KEY_SET_FORM }) }, keySetForm)),
}

const keyOptions = {
  freshSeconds: z.optional(seconds(1, 86_400)),
  maxStaleSeconds: z._default(seconds(0, 86_400), 4 * 3600),
  cooldownSeconds: z._default(seconds(1, 3600), 30),
  timeoutSeconds: z._default(seconds(0.05, 30), 5),
  maxBytes: z._default(wholeNumber('bytes', 1024, 16_777_216), 512 * 1024),
}

const cacheOptions = {
  maxEntries: z._default(wholeNumber('entries', 1, 1_000_000), 10_000),
  maxAgeSeconds: z._default(seconds(1, 86_400), 600),
}

const nonceOptions = {
  secret: z.custom<string | Uint8Array>(
    (value) => typeof value === 'string' || value instanceof Uint8Array,
    'must be a text or bytes, 32 at least',
  ),
  everySeconds: seconds(1, 86_400),
}

const dpopOptions = {
  origin: text,
  required: z._default(flag, false),
  algorithms,
  proofMaxAgeSeconds: z._default(seconds(1, 3600), 60),
  futureSeconds: z._default(seconds(0, 300), 10),
  nonce: z.optional(strictObject(nonceOptions, 'must be an object { secret, everySeconds }')),
  replay: z.optional(
    z.custom<Store>(isStore, 'must be a store, as "express-resource-server/redis" makes one of a client of Redis'),
  ),
}

/** Of the option `dpop`. */
export const dpopSchema = strictObject(dpopOptions, "must be an object { origin: 'https://api.example.com' }")

const IMPLIES_FORM = "must be an object of scopes and what they imply: { 'orders:admin': ['orders:read'] }"
const scopeToken = z.string('must be a text').check(
  z.refine(isScopeToken, 'must be one scope: printable ASCII without spaces, quotes and backslashes'),
  z.refine((one) => !isListOfScopes(one), 'holds a comma: give each scope as a text of its own'),
)

const scopeHierarchy = {
  implies: z._default(record(list(scopeToken, { form: 'must be an array of scopes' }), IMPLIES_FORM), {}),
  wildcards: z._default(flag, false),
}

const ignorable = [...new Set([...KIND_CLAIMS, ...MESSAGE_CLAIMS])]

const issuerOptions = {
  ...tokenOptions,
  issuer: text,
  isAccessToken: z.optional(aFunction<IsAccessToken>()),
  dangerouslyIgnoredMarks: z.optional(
    list(z.enum(ignorable, `must hold claims that mark other kinds of tokens, out of ${ignorable.join(', ')}`), {
      form: "must be an array of claims: ['active']",
      atLeastOne: EMPTY,
    }),
  ),
  introspection: z.optional(introspectionSchema),
}

/** One issuer, as an object. */
export const issuerSchema = strictObject(issuerOptions, 'must be an object')

const options = {
  ...tokenOptions,
  issuer: z.optional(
    z.union(
      [
        text,
        issuerSchema,
        list(z.union([text, issuerSchema], ISSUER_FORM), { atLeastOne: EMPTY }),
        aFunction<IssuerResolver>(),
      ],
      `${ISSUER_FORM}, several of them, or a function`,
    ),
  ),
  issuerOfOpaqueToken: z.optional(aFunction<NonNullable<ResourceServerOptions['issuerOfOpaqueToken']>>()),
  clockToleranceSeconds: z._default(seconds(0, 300), 30),
  maxTokenAgeSeconds: z.optional(seconds(1, 365 * 86_400)),
  claims: z.optional(
    z.custom<StandardSchemaV1>(hasStandardSchema, 'must be a Standard Schema, of zod, valibot or arktype say'),
  ),
  scopeHierarchy: z.optional(strictObject(scopeHierarchy, 'must be an object { implies, wildcards }')),
  dpop: z.optional(dpopSchema),
  mtls: z.optional(mtlsSchema),
  revocation: z.optional(z.custom<Revocation>(isRevocation, 'must be what createRevocation() returns')),
  keys: z.prefault(strictObject(keyOptions, 'must be an object'), {}),
  verifiedTokenCache: z.prefault(
    z.union(
      [z.literal(false), strictObject(cacheOptions, 'must be an object')],
      'must be false or { maxEntries, maxAgeSeconds }',
    ),
    {},
  ),
  callbackTimeoutSeconds: z._default(seconds(0.05, 60), 5),
  dangerouslyAllowHttp: z._default(flag, false),
  realm: z._default(text.check(z.refine(isQuotable, 'must be printable ASCII')), 'api'),
  resourceMetadataUrl: z.optional(text),
  fetch: z.optional(aFunction<Fetch>()),
  clock: z.optional(aFunction<Clock>()),
  onError: z.optional(aFunction<(...parameters: never[]) => unknown>()),
  failedAuthLimit: z.optional(record(z.unknown(), 'must be an object of express-rate-limit options')),
}

/** The options of a resource server, those of the Express layer as mere functions and objects. */
export const optionsSchema = strictObject(options, 'must be an object')

function isRevocation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && JUDGE in value
}

function isStore(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'addIfAbsent' in value && typeof value.addIfAbsent === 'function'
  )
}

function hasStandardSchema(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

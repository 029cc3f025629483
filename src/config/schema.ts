import { z } from 'zod'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { algorithmNames } from '../lib/algorithms.js'
import type { Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import { isQuotable, isScopeToken } from '../lib/header-grammar.js'
import type { IsAccessToken } from '../tokens/classify-token.js'
import { profileNames } from '../tokens/profiles/index.js'
import type { IssuerResolver } from './options.js'
import type { KnownNames } from './parse-options.js'

// The messages continue a sentence that starts with the option's name.
const text = z.string('must be a text').min(1, 'must not be empty')
const seconds = (min: number, max: number) => {
  const range = `must be a number of seconds from ${String(min)} to ${String(max)}`
  return z.number(range).min(min, range).max(max, range)
}
const aFunction = <Type>() => z.custom<Type>((value) => typeof value === 'function', 'must be a function')

const ISSUER_FORM = 'must be a text, an object { issuer, ... }'
const KEY_SET_FORM = 'must be a JSON Web Key Set: { keys: [{ kty: ... }, ...] }'

const tokenOptions = {
  audience: z
    .union(
      [text, z.array(text).min(1, 'must not be empty').readonly()],
      'must be a text or several, none of them empty',
    )
    .optional(),
  profile: z.enum(profileNames, `must be one of ${profileNames.join(', ')}`).optional(),
  algorithms: z
    .array(z.enum(algorithmNames, `must hold names out of ${algorithmNames.join(', ')}`), 'must be an array of names')
    .min(1, 'must name at least one algorithm; leave it out for the asymmetric ones')
    .readonly()
    .optional(),
  jwksUri: text.optional(),
  jwks: z
    .strictObject(
      { keys: z.array(z.record(z.string(), z.unknown(), KEY_SET_FORM).readonly(), KEY_SET_FORM).readonly() },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : KEY_SET_FORM) },
    )
    .readonly()
    .optional(),
}

const keyOptions = {
  freshSeconds: seconds(1, 86_400).optional(),
  maxStaleSeconds: seconds(0, 86_400).default(4 * 3600),
  cooldownSeconds: seconds(1, 3600).default(30),
  timeoutSeconds: seconds(0.05, 30).default(5),
  maxBytes: z
    .int('must be a whole number of bytes')
    .min(1024, 'must be at least 1024')
    .max(16_777_216, 'must be at most 16777216')
    .default(512 * 1024),
}

const IMPLIES_FORM = "must be an object of scopes and what they imply: { 'orders:admin': ['orders:read'] }"
const scopeToken = z
  .string('must be a text')
  .refine(isScopeToken, 'must be one scope: printable ASCII without spaces, quotes and backslashes')

const scopeHierarchy = {
  implies: z
    .record(z.string(), z.array(scopeToken, 'must be an array of scopes').readonly(), IMPLIES_FORM)
    .readonly()
    .default({}),
  wildcards: z.boolean('must be true or false').default(false),
}

/** One issuer, as an object. */
export const issuerSchema = z
  .strictObject({
    ...tokenOptions,
    issuer: text,
    isAccessToken: aFunction<IsAccessToken>().optional(),
  })
  .readonly()

/** The options of a resource server, those of the Express layer as mere functions and objects. */
export const optionsSchema = z
  .strictObject({
    ...tokenOptions,
    issuer: z
      .union(
        [
          text,
          issuerSchema,
          z
            .array(z.union([text, issuerSchema], ISSUER_FORM))
            .min(1, 'must not be empty')
            .readonly(),
          aFunction<IssuerResolver>(),
        ],
        `${ISSUER_FORM}, several of them, or a function`,
      )
      .optional(),
    clockToleranceSeconds: seconds(0, 300).default(30),
    maxTokenAgeSeconds: seconds(1, 365 * 86_400).optional(),
    claims: z
      .custom<StandardSchemaV1>(
        (value) => hasStandardSchema(value),
        'must be a Standard Schema, of zod, valibot or arktype say',
      )
      .optional(),
    scopeHierarchy: z
      .strictObject(scopeHierarchy, {
        error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'must be an object { implies, wildcards }'),
      })
      .readonly()
      .optional(),
    keys: z
      .strictObject(keyOptions, {
        error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'must be an object'),
      })
      .readonly()
      .prefault({}),
    verifiedTokenCache: z
      .union(
        [
          z.literal(false),
          z
            .strictObject({
              maxEntries: z
                .int('must be a whole number of entries')
                .min(1, 'must be at least 1')
                .max(1_000_000, 'must be at most 1000000')
                .default(10_000),
              maxAgeSeconds: seconds(1, 86_400).default(600),
            })
            .readonly(),
        ],
        'must be false or { maxEntries, maxAgeSeconds }',
      )
      .prefault({}),
    dangerouslyAllowHttp: z.boolean('must be true or false').default(false),
    realm: text.refine(isQuotable, 'must be printable ASCII').default('api'),
    resourceMetadataUrl: text.optional(),
    fetch: aFunction<Fetch>().optional(),
    clock: aFunction<Clock>().optional(),
    onError: aFunction<(...parameters: never[]) => unknown>().optional(),
    failedAuthLimit: z.record(z.string(), z.unknown(), 'must be an object of express-rate-limit options').optional(),
  })
  .readonly()

function hasStandardSchema(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

/** What may be written where, for the suggestions. */
export const knownNames: KnownNames = {
  '': Object.keys(optionsSchema.unwrap().shape),
  issuer: Object.keys(issuerSchema.unwrap().shape),
  scopeHierarchy: Object.keys(scopeHierarchy),
  keys: Object.keys(keyOptions),
  jwks: ['keys'],
  verifiedTokenCache: ['maxEntries', 'maxAgeSeconds'],
}

import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { algorithmNames } from '../lib/algorithms.js'
import type { Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import { isQuotable, isScopeToken } from '../lib/header-grammar.js'
import type { IsAccessToken } from '../tokens/classify-token.js'
import { profileNames } from '../tokens/profiles/index.js'
import { list, record, strictObject } from './objects.js'
import type { IssuerResolver } from './options.js'
import type { KnownNames } from './parse-options.js'

// The messages continue a sentence that starts with the option's name.
const text = v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty'))
const flag = v.boolean('must be true or false')
const seconds = (min: number, max: number) => {
  const range = `must be a number of seconds from ${String(min)} to ${String(max)}`
  return v.pipe(v.custom<number>(Number.isFinite, range), v.minValue(min, range), v.maxValue(max, range))
}
const wholeNumber = (unit: string, min: number, max: number) => {
  const whole = `must be a whole number of ${unit}`
  return v.pipe(
    v.custom<number>(Number.isInteger, whole),
    v.safeInteger(whole),
    v.minValue(min, `must be at least ${String(min)}`),
    v.maxValue(max, `must be at most ${String(max)}`),
  )
}
const aFunction = <Type>() => v.custom<Type>((value) => typeof value === 'function', 'must be a function')
/** What is none of the names is reported with all of them, for a suggestion. */
const oneOf = <const Name extends string>(names: readonly Name[], form: string) => ({
  ...v.picklist(names, form),
  requirement: names,
})

const ISSUER_FORM = 'must be a text, an object { issuer, ... }'
const KEY_SET_FORM = 'must be a JSON Web Key Set: { keys: [{ kty: ... }, ...] }'

const PATH_FORM = 'must be a claim: a text, or an array of the keys to it'
const claimPath = v.optional(v.union([text, v.pipe(list(text), v.nonEmpty('must not be empty'))], PATH_FORM))
const claimPaths = { scopes: claimPath, roles: claimPath, permissions: claimPath, clientId: claimPath }

const tokenOptions = {
  audience: v.optional(
    v.union(
      [text, v.pipe(list(text), v.nonEmpty('must not be empty'))],
      'must be a text or several, none of them empty',
    ),
  ),
  profile: v.optional(oneOf(profileNames, `must be one of ${profileNames.join(', ')}`)),
  claimPaths: v.optional(strictObject(claimPaths, 'must be an object { scopes, roles, permissions, clientId }')),
  algorithms: v.optional(
    v.pipe(
      list(oneOf(algorithmNames, `must hold names out of ${algorithmNames.join(', ')}`), 'must be an array of names'),
      v.nonEmpty('must name at least one algorithm; leave it out for the asymmetric ones'),
    ),
  ),
  jwksUri: v.optional(text),
  jwks: v.optional(strictObject({ keys: list(record(v.unknown(), KEY_SET_FORM), KEY_SET_FORM) }, KEY_SET_FORM)),
}

const keyOptions = {
  freshSeconds: v.optional(seconds(1, 86_400)),
  maxStaleSeconds: v.optional(seconds(0, 86_400), 4 * 3600),
  cooldownSeconds: v.optional(seconds(1, 3600), 30),
  timeoutSeconds: v.optional(seconds(0.05, 30), 5),
  maxBytes: v.optional(wholeNumber('bytes', 1024, 16_777_216), 512 * 1024),
}

const cacheOptions = {
  maxEntries: v.optional(wholeNumber('entries', 1, 1_000_000), 10_000),
  maxAgeSeconds: v.optional(seconds(1, 86_400), 600),
}

const IMPLIES_FORM = "must be an object of scopes and what they imply: { 'orders:admin': ['orders:read'] }"
const scopeToken = v.pipe(
  v.string('must be a text'),
  v.check(isScopeToken, 'must be one scope: printable ASCII without spaces, quotes and backslashes'),
)

const scopeHierarchy = {
  implies: v.optional(record(list(scopeToken, 'must be an array of scopes'), IMPLIES_FORM), {}),
  wildcards: v.optional(flag, false),
}

const issuerOptions = {
  ...tokenOptions,
  issuer: text,
  isAccessToken: v.optional(aFunction<IsAccessToken>()),
}

/** One issuer, as an object. */
export const issuerSchema = strictObject(issuerOptions, 'must be an object', 'must be a text')

const options = {
  ...tokenOptions,
  issuer: v.optional(
    v.union(
      [
        text,
        issuerSchema,
        v.pipe(list(v.union([text, issuerSchema], ISSUER_FORM)), v.nonEmpty('must not be empty')),
        aFunction<IssuerResolver>(),
      ],
      `${ISSUER_FORM}, several of them, or a function`,
    ),
  ),
  clockToleranceSeconds: v.optional(seconds(0, 300), 30),
  maxTokenAgeSeconds: v.optional(seconds(1, 365 * 86_400)),
  claims: v.optional(
    v.custom<StandardSchemaV1>(hasStandardSchema, 'must be a Standard Schema, of zod, valibot or arktype say'),
  ),
  scopeHierarchy: v.optional(strictObject(scopeHierarchy, 'must be an object { implies, wildcards }')),
  keys: v.optional(strictObject(keyOptions, 'must be an object'), {}),
  verifiedTokenCache: v.optional(
    v.union(
      [v.literal(false), strictObject(cacheOptions, 'must be an object')],
      'must be false or { maxEntries, maxAgeSeconds }',
    ),
    {},
  ),
  callbackTimeoutSeconds: v.optional(seconds(0.05, 60), 5),
  dangerouslyAllowHttp: v.optional(flag, false),
  realm: v.optional(v.pipe(text, v.check(isQuotable, 'must be printable ASCII')), 'api'),
  resourceMetadataUrl: v.optional(text),
  fetch: v.optional(aFunction<Fetch>()),
  clock: v.optional(aFunction<Clock>()),
  onError: v.optional(aFunction<(...parameters: never[]) => unknown>()),
  failedAuthLimit: v.optional(record(v.unknown(), 'must be an object of express-rate-limit options')),
}

/** The options of a resource server, those of the Express layer as mere functions and objects. */
export const optionsSchema = strictObject(options, 'must be an object')

function hasStandardSchema(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

/** What may be written where, for the suggestions. */
export const knownNames: KnownNames = {
  '': Object.keys(options),
  issuer: Object.keys(issuerOptions),
  claimPaths: Object.keys(claimPaths),
  scopeHierarchy: Object.keys(scopeHierarchy),
  keys: Object.keys(keyOptions),
  jwks: ['keys'],
  verifiedTokenCache: Object.keys(cacheOptions),
}

import { KeyObject } from 'node:crypto'
import * as z from 'zod/mini'
import { algorithmNames } from '../issuers/algorithms.js'
import type { BearerToken } from './introspection-options.js'
import { strictObject } from './shapes.js'

// The messages continue a sentence that starts with the option's name.
const text = z.string('must be a text').check(z.minLength(1, 'must not be empty'))
const seconds = (min: number, max: number) => {
  const range = `must be a number of seconds from ${String(min)} to ${String(max)}`
  return z.number(range).check(z.gte(min, range), z.lte(max, range))
}
const entries = 'must be a whole number of entries from 1 to 1000000'
const FORM = "must be an object { method: 'client_secret_basic', clientSecret }, say"
const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'bearer']

const clientAuthentication = z.discriminatedUnion(
  'method',
  [
    strictObject({ method: z.enum(['client_secret_basic', 'client_secret_post']), clientSecret: text }, FORM),
    strictObject(
      {
        method: z.literal('private_key_jwt'),
        key: z.custom<KeyObject>(
          (value) => value instanceof KeyObject && value.type === 'private',
          'must be a private key: createPrivateKey(pem), or createPrivateKey({ key: jwk, format: \'jwk\' }), by "node:crypto"',
        ),
        kid: z.optional(text),
        algorithm: z.optional(z.enum(algorithmNames, `must be one of ${algorithmNames.join(', ')}`)),
      },
      FORM,
    ),
    strictObject({ method: z.literal('tls_client_auth') }, FORM),
    strictObject(
      {
        method: z.literal('bearer'),
        token: z.custom<BearerToken['token']>(
          (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
          'must be a token, or a function that gives one',
        ),
      },
      FORM,
    ),
  ],
  `must be an object with a "method" out of ${METHODS.join(', ')}`,
)

const cache = {
  seconds: seconds(1, 300),
  negativeSeconds: z.optional(seconds(0, 5)),
  maxEntries: z.optional(z.int(entries).check(z.gte(1, entries), z.lte(1_000_000, entries))),
}

const introspection = {
  clientId: text,
  clientAuthentication,
  endpoint: z.optional(text),
  tokens: z.optional(z.enum(['opaque', 'all'], "must be 'opaque' or 'all'")),
  cache: z.optional(strictObject(cache, 'must be an object { seconds, negativeSeconds, maxEntries }')),
  signedResponse: z.optional(z.literal('required', "must be 'required', or left out")),
}

/** How an issuer is asked about tokens. */
export const introspectionSchema = strictObject(introspection, 'must be an object { clientId, clientAuthentication }')

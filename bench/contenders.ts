import type { BenchAlgorithm } from './tokens/keys.js'

/** Somebody who is measured. */
export interface Contender {
  readonly id: string
  /** As tables and charts call it. */
  readonly label: string
  /** Its file in contenders/. */
  readonly module: string
  /** Whose versions belong to its figures. */
  readonly packages: readonly string[]
  readonly algorithms: readonly BenchAlgorithm[]
  /** Whether it is a middleware, a function that verifies, and one that does so for many issuers. */
  readonly as: readonly ('middleware' | 'verifier' | 'tenants')[]
  readonly options?: Readonly<Record<string, unknown>>
  /** How its options say how many verified tokens it remembers, if it is to be measured with caches of several sizes. */
  readonly cacheOptions?: ((size: number) => Readonly<Record<string, unknown>>) | undefined
  /** Whether it looks at nothing but the signature: what the others' checks are measured against. */
  readonly signatureOnly?: boolean
  /** Where our own library was built, if not in the root of the repository. */
  readonly library?: string
}

const all: readonly BenchAlgorithm[] = ['RS256', 'ES256', 'EdDSA']
const both = ['middleware', 'verifier'] as const
/** The keys of each issuer can be given, too. */
const everything = [...both, 'tenants'] as const

export const unprotected: Contender = {
  id: 'none',
  label: 'no authentication',
  module: 'none',
  packages: ['express'],
  algorithms: all,
  as: ['middleware'],
}

export const ours: Contender = {
  id: 'ours',
  label: 'express-resource-server',
  module: 'ours',
  packages: [],
  algorithms: all,
  as: everything,
  cacheOptions: (maxEntries) => ({ verifiedTokenCache: { maxEntries } }),
}

const oursWithoutCache: Contender = {
  ...ours,
  id: 'ours-no-cache',
  label: 'express-resource-server, cache off',
  as: both,
  options: { verifiedTokenCache: false },
  cacheOptions: undefined,
}

const oursWithIssuerList: Contender = {
  ...ours,
  id: 'ours-issuer-list',
  label: 'express-resource-server, issuers in a list',
  as: ['tenants'],
  options: { trust: 'list' },
  cacheOptions: undefined,
}

/** As many as we remember by default. */
const CACHE_SIZE = 10_000

/** Everybody, each configured as its README says. */
export const contenders: readonly Contender[] = [
  unprotected,
  ours,
  oursWithoutCache,
  oursWithIssuerList,
  {
    id: 'express-oauth2-jwt-bearer',
    label: 'express-oauth2-jwt-bearer',
    module: 'express-oauth2-jwt-bearer',
    packages: ['express-oauth2-jwt-bearer'],
    algorithms: all,
    as: everything,
  },
  {
    id: 'express-jwt',
    label: 'express-jwt + jwks-rsa',
    module: 'express-jwt',
    packages: ['express-jwt', 'jwks-rsa'],
    // jsonwebtoken, which it is built on, has no EdDSA.
    algorithms: ['RS256', 'ES256'],
    as: both,
  },
  {
    id: 'passport-jwt',
    label: 'passport-jwt + jwks-rsa',
    module: 'passport-jwt',
    packages: ['passport', 'passport-jwt', 'jwks-rsa'],
    algorithms: ['RS256', 'ES256'],
    as: ['middleware'],
  },
  { id: 'jose', label: 'jose, by hand', module: 'jose', packages: ['jose'], algorithms: all, as: everything },
  {
    id: 'aws-jwt-verify',
    label: 'aws-jwt-verify, by hand',
    module: 'aws-jwt-verify',
    packages: ['aws-jwt-verify'],
    algorithms: all,
    as: everything,
  },
  {
    id: 'fast-jwt-pem',
    label: 'fast-jwt, PEM, its cache, by hand',
    module: 'fast-jwt',
    packages: ['fast-jwt'],
    algorithms: all,
    as: both,
    options: { keys: 'pem', cacheSize: CACHE_SIZE },
    cacheOptions: (cacheSize) => ({ cacheSize }),
  },
  {
    id: 'fast-jwt-jwks',
    label: 'fast-jwt + get-jwks, its cache, by hand',
    module: 'fast-jwt',
    packages: ['fast-jwt', 'get-jwks'],
    // get-jwks makes no PEM of an EdDSA key.
    algorithms: ['RS256', 'ES256'],
    as: both,
    options: { keys: 'jwks', cacheSize: CACHE_SIZE },
  },
  {
    id: 'fast-jwt-no-cache',
    label: 'fast-jwt, PEM, no cache',
    module: 'fast-jwt',
    packages: ['fast-jwt'],
    algorithms: all,
    as: ['verifier'],
    options: { keys: 'pem' },
  },
  {
    id: 'bare',
    label: 'bare decode and check',
    module: 'bare',
    packages: [],
    algorithms: all,
    as: ['verifier'],
  },
  {
    id: 'floor',
    label: 'bare crypto.verify',
    module: 'floor',
    packages: [],
    algorithms: all,
    as: ['verifier'],
    signatureOnly: true,
  },
]

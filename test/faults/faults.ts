import { createHash, generateKeyPairSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Answer, Fault, Healthy } from './programmable-issuer.js'

/** One fault. */
export interface FaultRow {
  readonly name: string
  /** Where the rule stands that it breaks, if it breaks one. */
  readonly spec?: string
  readonly fault: Fault
  /** The `Retry-After` that the caller of a cold API must see at least. */
  readonly retryAfter?: number
  /** The key name of which the set itself says why there is no key for it. */
  readonly explained?: string
}

type Jwk = Readonly<Record<string, unknown>>

const MEBIBYTE = 1024 * 1024
const never = new Promise<never>(() => undefined)

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  () => ({ status: code, headers, ...(code === 204 || code === 304 ? {} : { body: '{"error":"no"}' }) })

const body =
  (text: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Fault =>
  () => ({ body: text, headers })

/** The healthy document as another media type, with a mark before it, ... */
const rewrite =
  (change: (document: string) => string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Fault =>
  ({ document }) => ({ body: change(JSON.stringify(document)), headers })

/** The healthy document, but for its keys. */
export const withKeys =
  (change: (keys: readonly Jwk[]) => readonly unknown[]): Fault =>
  ({ document }) => ({ body: JSON.stringify({ ...document, keys: change(document['keys'] as readonly Jwk[]) }) })

const redirect =
  (code: number): Fault =>
  ({ canary }) => ({ status: code, headers: { location: canary } })

/** Faults that any fetch can show, at either endpoint. Each leaves no document. */
export const plainFaults: readonly FaultRow[] = [
  { name: 'connection refused', fault: 'refuse' },
  { name: 'status 500', fault: status(500) },
  { name: 'status 502', fault: status(502) },
  { name: 'status 429 with Retry-After', fault: status(429, { 'retry-after': '20' }), retryAfter: 20 },
  {
    name: 'status 503 with a Retry-After beyond reason',
    fault: status(503, { 'retry-after': '99999' }),
    retryAfter: 300,
  },
  { name: 'status 404', fault: status(404) },
  { name: 'status 410', fault: status(410) },
  { name: 'status 204', fault: status(204) },
  { name: 'status 206', fault: status(206) },
  { name: 'status 304 that nobody asked for', fault: status(304) },
  ...[301, 302, 303, 307, 308].map((code) => ({
    name: `a redirect with ${String(code)}`,
    fault: redirect(code),
  })),
  {
    name: 'an HTML page',
    fault: body('<!doctype html><p>Sorry</p>', { 'content-type': 'text/html' }),
  },
  { name: 'an HTML page that claims to be JSON', fault: body('<!doctype html><p>Sorry</p>') },
  {
    name: 'the document as text/html',
    fault: rewrite((text) => text, { 'content-type': 'text/html; charset=utf-8' }),
  },
  {
    name: 'the document as application/octet-stream',
    fault: rewrite((text) => text, { 'content-type': 'application/octet-stream' }),
  },
  { name: 'invalid JSON', fault: rewrite((text) => text.slice(0, -1)) },
  { name: 'two documents in one', fault: rewrite((text) => text + text) },
  { name: 'an empty body', fault: body('') },
  { name: 'a byte order mark', fault: rewrite((text) => `\ufeff${text}`) },
  { name: 'UTF-16', fault: rewrite((text) => Buffer.from(`\ufeff${text}`, 'utf16le')) },
  {
    name: 'bytes that are not UTF-8',
    fault: rewrite((text) => Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.from('ff227d', 'hex')])),
  },
  { name: 'an array', fault: rewrite((text) => `[${text}]`) },
  { name: 'null', fault: body('null') },
  { name: 'an empty object', fault: body('{}') },
  {
    name: 'a member twice',
    fault: rewrite((text) => `${text.slice(0, -1)},${text.slice(1)}`),
  },
  {
    name: 'a "__proto__" member',
    fault: rewrite((text) => `{"__proto__":{"keys":[]},${text.slice(1)}`),
  },
  {
    name: 'nesting 20 deep',
    fault: rewrite((text) => `${text.slice(0, -1)},"x":${'['.repeat(20)}${']'.repeat(20)}}`),
  },
  { name: 'more than 512 KiB', fault: rewrite((text) => text + ' '.repeat(512 * 1024)) },
  {
    name: 'a body that breaks off',
    fault: ({ document }) => ({
      body: async function* () {
        yield Buffer.from(JSON.stringify(document).slice(0, 20))
        await Promise.reject(new Error('The connection is gone.'))
      },
    }),
  },
]

/** Sets that are documents but of no use. */
export const uselessSets: readonly FaultRow[] = [
  { name: 'an empty set', fault: withKeys(() => []) },
  { name: '"keys" that is an object', fault: body('{"keys":{}}') },
  { name: '"keys" that is null', fault: body('{"keys":null}') },
  {
    name: 'private keys only',
    fault: withKeys((keys) => keys.map((key) => ({ ...key, d: key['x'] }))),
  },
  {
    name: 'a symmetric key only',
    spec: 'RFC 8725 2.1',
    fault: withKeys(() => [{ kty: 'oct', k: 'A'.repeat(43), alg: 'HS256' }]),
  },
  {
    name: 'encryption keys only',
    spec: 'RFC 7517 4.2',
    fault: withKeys((keys) => keys.map((key) => ({ ...key, use: 'enc' }))),
  },
  { name: 'keys that are not objects', fault: withKeys(() => [null, 1, 'key', [], true]) },
]

/** Metadata that must not be believed. */
export const badMetadata: readonly FaultRow[] = [
  {
    name: 'names another issuer',
    spec: 'RFC 8414 3.3',
    fault: ({ document }) => ({ body: JSON.stringify({ ...document, issuer: 'https://evil.example' }) }),
  },
  {
    name: 'names the issuer with a slash more',
    spec: 'RFC 8414 3.3',
    fault: ({ document }) => ({ body: JSON.stringify({ ...document, issuer: `${String(document['issuer'])}/` }) }),
  },
  { name: 'names no issuer', spec: 'RFC 8414 3.3', fault: without('issuer') },
  { name: 'names no jwks_uri', spec: 'RFC 8414 2', fault: without('jwks_uri') },
  ...[
    'http://keys.example.com/',
    'file:///etc/passwd',
    'data:application/json,%7B%7D',
    'ftp://keys.example.com/',
    '',
  ].map((uri) => ({
    name: `names jwks_uri "${uri}"`,
    fault: (({ document }) => ({ body: JSON.stringify({ ...document, jwks_uri: uri }) })) satisfies Fault,
  })),
]

function without(member: string): Fault {
  return ({ document }) => ({
    body: JSON.stringify(Object.fromEntries(Object.entries(document).filter(([name]) => name !== member))),
  })
}

/** Sets with something odd in them that must not spoil the good key. */
export const oddSets: readonly FaultRow[] = [
  {
    name: 'bad keys before and after the good one',
    spec: 'CVE-2026-102274',
    fault: withKeys((keys) => [
      null,
      { kty: 'XX', kid: 'x' },
      { kty: 'EC', crv: 'P-256', x: '!!', y: '', kid: 'broken' },
      { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'weak' },
      ...keys,
      { kty: 'OKP', crv: 'X448', x: 'AA', kid: 'other' },
      { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43), kid: 'off the curve' },
    ]),
  },
  {
    name: 'a private key beside the good one',
    fault: withKeys((keys) => [{ ...generateEcKey('private'), kid: 'leaked' }, ...keys]),
    explained: 'leaked',
  },
  {
    name: 'another key under the kid of a third',
    spec: 'RFC 7517 4.5',
    fault: withKeys((keys) => [{ ...generateEcKey(), kid: 'twice' }, { ...generateEcKey(), kid: 'twice' }, ...keys]),
    explained: 'twice',
  },
  { name: 'the good key twice', spec: 'RFC 7517 4.5', fault: withKeys((keys) => [...keys, ...keys]) },
  {
    name: '5,000 keys, the good one first',
    fault: withKeys((keys) => [...keys, ...manyKeys]),
  },
  {
    name: 'application/jwk-set+json',
    spec: 'RFC 7517 8.5.2',
    fault: rewrite((text) => text, { 'content-type': 'application/jwk-set+json; charset=utf-8' }),
  },
]

/** 5,000 Ed25519 keys, so small that they fit into one document. */
const manyKeys: readonly Jwk[] = Array.from({ length: 5000 }, (_, n) => {
  const x = createHash('sha256').update(String(n)).digest('base64url')
  return { kty: 'OKP', crv: 'Ed25519', x, kid: String(n) }
})

function generateEcKey(type: 'public' | 'private' = 'public'): Jwk {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...pair[`${type}Key`].export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }
}

/** Bodies that never end or never stop, and what keeps a socket open. */
export const slowFaults: readonly FaultRow[] = [
  { name: 'accepts and never answers', fault: 'hang' },
  {
    name: 'sends a head and never a body',
    fault: () => ({ body: () => stream(0, () => never) }),
  },
  {
    name: 'sends half a body and then nothing',
    fault: ({ document }) => ({
      body: async function* () {
        yield Buffer.from(JSON.stringify(document).slice(0, 30))
        await never
      },
    }),
  },
  { name: 'drips a byte every 200 ms', fault: drip },
]

function drip({ document }: Healthy): Answer {
  const text = Buffer.from(JSON.stringify(document))
  return {
    body: async function* () {
      for (const byte of text) {
        yield Buffer.of(byte)
        await sleep(200)
      }
    },
  }
}

const block = Buffer.alloc(MEBIBYTE, ' ')
/** 16 MiB of spaces in 16 KiB; several in a row are one gzip file. */
const gzippedSpaces = gzipSync(Buffer.alloc(16 * MEBIBYTE, ' '))
const size = 160 * MEBIBYTE

/** More than anybody wants to hold. */
export const largeFaults: readonly FaultRow[] = [
  {
    name: '160 MiB with Content-Length',
    fault: () => ({
      headers: { 'content-length': String(size) },
      body: () => stream(160, () => Promise.resolve(block)),
    }),
  },
  {
    name: '160 MiB in chunks',
    fault: () => ({ body: () => stream(160, () => Promise.resolve(block)) }),
  },
  {
    name: '160 MiB of an error page',
    fault: () => ({ status: 500, body: () => stream(160, () => Promise.resolve(block)) }),
  },
  {
    name: 'a gzip bomb of 1 GiB',
    fault: () => ({
      headers: { 'content-encoding': 'gzip' },
      body: () => stream(64, () => Promise.resolve(gzippedSpaces)),
    }),
  },
]

async function* stream(pieces: number, make: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces || pieces === 0; piece++) yield await make()
}

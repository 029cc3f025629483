import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto'

// A second opinion on access tokens, for tests only. It is slow, has no pipeline, no cache, no error codes, and shares
// nothing with src: its own JSON reader, its own base64url reader, signatures by node:crypto. It answers one question.

/** A public key of an issuer. */
export interface ReferenceKey {
  readonly kty: string
  readonly crv?: string
  readonly kid?: string
  readonly alg?: string
  readonly [member: string]: unknown
}

/** One trusted issuer. */
export interface ReferenceIssuer {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly keys: readonly ReferenceKey[]
}

/** Everything that the judgement depends on beside the token. */
export interface ReferenceRules {
  readonly profile: 'auto' | 'rfc9068'
  readonly issuers: readonly ReferenceIssuer[]
  readonly algorithms: readonly string[]
  readonly clockToleranceSeconds: number
  readonly maxTokenAgeSeconds?: number | undefined
  /** What `isAccessToken` answers, where one is configured. */
  readonly admits?: ((claims: ReadonlyMap<string, Json>) => boolean) | undefined
  /** Seconds since the epoch. */
  readonly now: number
}

/** The judgement, and the first rule that the token breaks. */
export type Judgement =
  | { readonly verdict: 'accept'; readonly because: 'nothing speaks against it' }
  | { readonly verdict: 'refuse'; readonly because: string }

export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>
type Members = ReadonlyMap<string, Json>

const MAX_NUMERIC_DATE = 253_402_300_799

/** Judges a token by the documents: every rule is on its own, and the token is good when it breaks none of them. */
export function judgeByReference(token: string, rules: ReferenceRules): Judgement {
  const [headerText = '', payloadText = '', signatureText = '', ...more] = token.split('.')
  const header = readMembers(headerText, HEADER_BOUNDS)
  const claims = readMembers(payloadText, CLAIMS_BOUNDS)
  const signature = readBase64Url(signatureText)
  if (token.length > 16_384 || headerText.length > 4096) return refuse('size')
  if (more.length > 0 || signature === undefined) return refuse('form')
  if (header === undefined) return refuse('header text')
  if (claims === undefined) return refuse('payload text')
  const signed = Buffer.from(`${headerText}.${payloadText}`, 'utf8')
  const broken = listRules({ header, claims, signed, signature }, rules).find(([, isBroken]) => isBroken())
  return broken === undefined ? { verdict: 'accept', because: 'nothing speaks against it' } : refuse(broken[0])
}

interface Parts {
  readonly header: Members
  readonly claims: Members
  readonly signed: Buffer
  readonly signature: Buffer
}

function listRules({ header, claims, signed, signature }: Parts, rules: ReferenceRules): [string, () => boolean][] {
  const { now, profile, clockToleranceSeconds: skew, maxTokenAgeSeconds: maxAge } = rules
  const issuer = rules.issuers.find((one) => one.issuer === claims.get('iss'))
  const key = chooseKey(header, issuer?.keys ?? [], rules.algorithms)
  const alg = textOr(header.get('alg'), '')
  const audience = readTexts(claims.get('aud')) ?? []
  const [exp, nbf, iat] = ['exp', 'nbf', 'iat'].map((name) => readDate(claims.get(name))) as [number, number, number]
  const valuesOf = (names: readonly string[]): (Json | undefined)[] =>
    names.filter((name) => claims.has(name)).map((name) => claims.get(name))
  const isEmptyText = (value: Json | undefined): boolean => textOr(value, '') === ''
  // In the order of docs/checks.md, "What is checked", up to the signature: there, one token has one answer.
  return [
    // RFC 8725 section 3.11
    ['type', () => isText(header.get('typ')) && typeOf(header) === 'another'],
    // RFC 7515 section 4.1, RFC 7516 section 4.1.3, RFC 7797 section 3, RFC 8725 section 3.10, RFC 7519 sections 5.2 and 5.3
    ['header member', () => hasAny(header, ...FORBIDDEN)],
    ['zip', () => header.has('zip') && textOr(header.get('zip'), '') !== 'NONE'],
    ['cty', () => header.has('cty') && /^(?:application\/)?jwt$/i.test(textOr(header.get('cty'), 'jwt'))],
    ['kid', () => header.has('kid') && !/^.{1,256}$/s.test(textOr(header.get('kid'), ''))],
    ['header type', () => ['typ', 'x5t', 'x5t#S256'].some((name) => header.has(name) && !isText(header.get(name)))],
    ['replicated claim', () => REPLICATED.some((name) => header.has(name) && !isEqual(header, claims, name))],
    // RFC 9068 section 4, RFC 8725 sections 3.1 and 3.8
    ['issuer', () => issuer === undefined],
    ['algorithm', () => !rules.algorithms.includes(alg)],
    // RFC 7519 section 4.1.4: it is told so whether or not there is a key
    ['no expiry', () => Number.isNaN(exp)],
    ['expired', () => now - exp >= Math.min(skew, 60)],
    ['key', () => key === undefined],
    ['signature', () => key === undefined || !isSignedBy(key, alg, signed, signature)],
    // docs/checks.md, "Which token is this?", ranks 1 to 5
    ['kind', () => !isAccessToken(header, claims, rules)],
    // RFC 7519 section 4.1.3
    ['audience', () => audience.length > 256 || !audience.some((one) => isOneOf(one, issuer?.audience ?? []))],
    // RFC 9068 section 2.2, RFC 7519 sections 4.1.2 and 4.1.7
    ['missing claim', () => profile === 'rfc9068' && valuesOf(['sub', 'client_id', 'iat', 'jti']).length < 4],
    ['identity', () => valuesOf(['sub', 'client_id', 'jti']).some(isEmptyText)],
    ['client', () => disagree(valuesOf(CLIENTS[profile]))],
    // RFC 7519 sections 2, 4.1.5 and 4.1.6
    ['time', () => valuesOf(['nbf', 'iat']).map(readDate).some(Number.isNaN)],
    ['time', () => iat > exp || nbf > exp],
    ['not yet', () => nbf - now > skew || iat - now > skew],
    ['too old', () => maxAge !== undefined && !(exp - iat <= maxAge && now - iat <= maxAge + skew)],
    // RFC 7800 section 3.1
    ['cnf', () => claims.has('cnf')],
    // RFC 6749 section 3.3
    ['scope', () => areScopesBad(valuesOf(SCOPES[profile]))],
    ['scope', () => profile === 'rfc9068' && !valuesOf(['scope']).every(isText)],
  ]
}

const FORBIDDEN = ['crit', 'b64', 'enc', 'jwk', 'nonce']
const REPLICATED = ['iss', 'sub', 'aud']
const CLIENTS = { auto: ['client_id', 'azp', 'appid', 'cid'], rfc9068: ['client_id', 'azp'] }
const SCOPES = { auto: ['scope', 'scp'], rfc9068: ['scope'] }

function refuse(because: string): Judgement {
  return { verdict: 'refuse', because }
}

/** What the header says: that it is an access token, or nothing, or another kind. */
function typeOf(header: Members): 'access token' | 'nothing' | 'another' {
  const type = header.has('typ') ? textOr(header.get('typ'), 'no text') : 'JWT'
  if (/^(?:application\/)?at\+jwt$/i.test(type)) return 'access token'
  return /^(?:application\/)?jwt$/i.test(type) ? 'nothing' : 'another'
}

/** The five ranks: the first one that speaks decides. */
function isAccessToken(header: Members, claims: Members, { profile, admits }: ReferenceRules): boolean {
  const typed = typeOf(header) === 'access token'
  const kindIn = (name: string): string => textOr(claims.get(name), '').toLowerCase()
  const isAccessKind = (name: string): boolean => ACCESS_KINDS.includes(kindIn(name))
  const jti = textOr(claims.get('jti'), '')
  const says = (name: string, ...values: readonly Json[]): boolean => values.includes(claims.get(name) ?? null)
  const isUnclear = claims.has('token_kind') || (claims.has('type') && !isAccessKind('type'))
  const ranks: [() => boolean, boolean][] = [
    [() => typeOf(header) === 'another', false],
    [() => NAMES_OF_KIND.some((name) => claims.has(name) && !isAccessKind(name)), false],
    [() => ['refresh', 'id'].includes(kindIn('type')), false],
    [() => claims.has('token_use') && !says('token_use', 'access'), false],
    [() => jti.startsWith('ID.') || hasAny(claims, 'events', 'htm', 'htu'), false],
    [() => isText(claims.get('iss')) && claims.get('iss') === claims.get('sub'), false],
    [() => hasAny(claims, 'ati', 'active', 'redirect_uri', 'access_token'), false],
    [
      () =>
        profile === 'auto' &&
        !claims.has('sub') &&
        CLIENTS.auto.every((one) => (claims.has(one) ? textOr(claims.get(one), 'x') : '') === ''),
      false,
    ],
    [() => typed, true],
    [() => profile === 'rfc9068', false],
    [() => says('typ', 'Bearer', 'DPoP') || says('tokenName', 'access_token'), true],
    [() => says('token_use', 'access') || jti.startsWith('AT.'), true],
    [() => hasAny(claims, 'nonce', 'at_hash', 'c_hash', 's_hash', 'rat'), false],
    [() => [...NAMES_OF_KIND, 'type'].some((name) => ['access', 'access_token'].includes(kindIn(name))), true],
    // A claim that may name a kind, and names none that is known: the marks prove nothing beside it.
    [() => !isUnclear && hasAny(claims, 'scope', 'scp', 'permissions', 'appid', 'azpacr', 'idtyp'), true],
    [() => !isUnclear && isForUserinfo(claims.get('iss'), claims.get('aud')), true],
    [() => admits?.(claims) === true, true],
  ]
  return ranks.find(([speaks]) => speaks())?.[1] === true
}

/** Claims that name a kind and nothing else, and are compared without case (RFC 6749 section 5.1). */
const NAMES_OF_KIND = ['typ', 'tokenName', 'token_type']

/** What claims that name a kind may hold in the tokens here, of what names an access token or nothing. */
const ACCESS_KINDS = ['bearer', 'dpop', 'at+jwt', 'jwt', 'access', 'access_token']

/** RFC 3986 6.2.3: "https://host" and "https://host/" are one. */
function isOneOf(audience: string, own: readonly string[]): boolean {
  const isRoot = (text: string): boolean =>
    /^https?:$/.test(text.split('/', 1)[0] ?? '') && text.split('/').length === 4
  const short = (text: string): string => (isRoot(text) && text.endsWith('/') ? text.slice(0, -1) : text)
  return own.some((one) => short(one) === short(audience))
}

/** Whether an array of audiences holds `{iss}userinfo`. */
function isForUserinfo(iss: Json | undefined, aud: Json | undefined): boolean {
  return isText(iss) && Array.isArray(aud) && aud.includes(`${iss}userinfo`)
}

function hasAny(members: Members, ...names: readonly string[]): boolean {
  return names.some((name) => members.has(name))
}

/** Several names of the same client must all be texts and say the same. */
function disagree(values: readonly (Json | undefined)[]): boolean {
  return values.some((value) => !isText(value) || value !== values[0])
}

/** A scope claim is a text of scope tokens or an array of such texts; two of them hold the same scopes. */
function areScopesBad(values: readonly (Json | undefined)[]): boolean {
  const sets = values.map((value) => (isText(value) ? value.split(' ').filter((one) => one !== '') : readTexts(value)))
  const isScope = (text: string): boolean => Array.from(text).every((c) => /[!#-[\]-~]/.test(c) || c.trim() === '')
  const sorted = sets.map((set) => (set === undefined ? '' : JSON.stringify([...new Set(set)].sort())))
  return sets.some((set) => set?.every(isScope) !== true) || new Set(sorted).size > 1
}

function readDate(value: Json | undefined): number {
  return typeof value === 'number' && value >= 0 && value <= MAX_NUMERIC_DATE ? value : Number.NaN
}

function readTexts(value: Json | undefined): readonly string[] | undefined {
  const list = isText(value) ? [value] : value
  return Array.isArray(list) && list.every(isText) ? list : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function textOr(value: unknown, otherwise: string): string {
  return isText(value) ? value : otherwise
}

/** Compares texts and arrays of texts, which is all that a replicated claim can be in a good token. */
function isEqual(header: Members, claims: Members, name: string): boolean {
  const [one, other] = [header.get(name), claims.get(name)]
  if (isText(one) || isText(other)) return one === other
  const [ones, others] = [readTexts(one), readTexts(other)]
  return ones !== undefined && ones.length === others?.length && ones.every((text, index) => text === others[index])
}

const KINDS: ReadonlyMap<string, readonly [kty: string, crv?: string]> = new Map<string, readonly [string, string?]>([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, ['RSA']] as const),
  ['ES256', ['EC', 'P-256']],
  ['ES384', ['EC', 'P-384']],
  ['ES512', ['EC', 'P-521']],
  ['EdDSA', ['OKP', 'Ed25519']],
  ['Ed25519', ['OKP', 'Ed25519']],
])

/** The one key that the header can mean. A key without `alg` serves the first allowed algorithm of its kind alone. */
function chooseKey(
  header: Members,
  keys: readonly ReferenceKey[],
  allowed: readonly string[],
): ReferenceKey | undefined {
  const fitsKind = (name: string, { kty, crv }: ReferenceKey): boolean => {
    const [wantedKty, wantedCrv = crv] = KINDS.get(name) ?? []
    return kty === wantedKty && crv === wantedCrv
  }
  const alg = header.get('alg')
  const isMeant = (key: ReferenceKey): boolean =>
    isText(alg) &&
    fitsKind(alg, key) &&
    (key.alg ?? alg) === alg &&
    (!header.has('kid') || key.kid === header.get('kid'))
  const candidates = keys.filter(isMeant)
  const [key] = candidates
  // The same numbers under the same name are the same key, however they are written, and however often.
  const different = new Set(candidates.map((one) => JSON.stringify([one.kid, one.alg, numbersOf(one)])))
  if (key === undefined || different.size > 1) return undefined
  // RFC 9864: "EdDSA" with Ed25519 and "Ed25519" are one algorithm under two names.
  const isPinned = key.alg === undefined && key.kty !== 'OKP'
  return !isPinned || allowed.find((name) => fitsKind(name, key)) === alg ? key : undefined
}

/** How many octets a coordinate has, RFC 7518 section 6.2.1.2 and RFC 8037 section 2; a modulus has as many as it needs. */
const WIDTHS: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66, Ed25519: 32 }

/** The numbers of a key, in the spelling of RFC 7518 section 6; they may come in base64, and with other zeros in front. */
function numbersOf(jwk: ReferenceKey): Readonly<Record<string, string>> {
  const names = ['n', 'e', 'x', 'y'].filter((name) => jwk[name] !== undefined)
  return Object.fromEntries(
    names.map((name) => {
      const hex = Buffer.from(textOr(jwk[name], ''), 'base64')
        .toString('hex')
        .replace(/^(?:00)+/, '')
      return [name, Buffer.from(hex.padStart((WIDTHS[jwk.crv ?? ''] ?? 0) * 2, '0'), 'hex').toString('base64url')]
    }),
  )
}

const keyObjects = new WeakMap<ReferenceKey, KeyObject>()

function isSignedBy(jwk: ReferenceKey, alg: string, signed: Buffer, signature: Buffer): boolean {
  const { kty, crv } = jwk
  const numbers = numbersOf(jwk)
  // RFC 8017 sections 8.1.2 and 8.2.2, step 1
  if (kty === 'RSA' && signature.length !== Buffer.from(numbers['n'] ?? '', 'base64url').length) return false
  const key =
    keyObjects.get(jwk) ??
    createPublicKey({ key: { kty, ...(crv === undefined ? {} : { crv }), ...numbers }, format: 'jwk' })
  keyObjects.set(jwk, key)
  const hash = kty === 'OKP' ? null : `sha${alg.slice(2)}`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  try {
    return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363', ...(alg.startsWith('PS') ? pss : {}) }, signature)
  } catch {
    return false
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Reads base64url bit by bit; `undefined` for any other character, for a bit too many, and for nothing at all. */
export function readBase64Url(text: string): Buffer | undefined {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const character of text) {
    const digit = ALPHABET.indexOf(character)
    if (digit === -1) return undefined
    held = held * 64 + digit
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push(Math.floor(held / 2 ** bits))
    held %= 2 ** bits
  }
  return bits < 6 && held === 0 && bytes.length > 0 ? Buffer.from(bytes) : undefined
}

/** How large a document may be: nesting, and objects and arrays, members, commas in all. */
interface Bounds {
  readonly depth: number
  readonly containers: number
  readonly members: number
  readonly commas: number
}

// docs/checks.md, "What is checked", 1
export const HEADER_BOUNDS: Bounds = { depth: 4, containers: 64, members: 128, commas: 256 }
export const CLAIMS_BOUNDS: Bounds = { depth: 32, containers: 768, members: 768, commas: 2048 }

export function readMembers(segment: string, bounds: Bounds): Members | undefined {
  const bytes = readBase64Url(segment)
  const text = bytes?.toString('utf8')
  // Node writes U+FFFD for what is not UTF-8: then the way back leads elsewhere.
  if (bytes === undefined || text === undefined || !Buffer.from(text, 'utf8').equals(bytes)) return undefined
  try {
    const value = readJson(text, bounds)
    return value instanceof Map ? (value as Members) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Reads a JSON text (RFC 8259) by recursive descent. Objects become maps.
 *
 * @throws {SyntaxError} For anything else, for a repeated or dangerous name, a number out of range, and too large a tree.
 */
function readJson(text: string, bounds: Bounds): Json {
  let at = 0
  const seen = { containers: 0, members: 0, commas: 0 }

  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at ${String(at)}`)
  }
  const count = (what: keyof typeof seen): void => {
    if (++seen[what] > bounds[what]) fail(`too many ${what}`)
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const skipSpace = (): void => {
    take(/[ \t\n\r]*/y)
  }
  const readString = (): string => {
    if (take(/"/y) === undefined) fail('no string')
    let value = ''
    for (;;) {
      // Written as escapes: everything but the quote, the backslash and the control characters.
      value += take(/[ !#-[\]-\uffff]+/y) ?? ''
      // RFC 8259 section 8.2: nobody can foretell what others make of half a surrogate pair.
      if (take(/"/y) !== undefined) return /\p{Surrogate}/u.test(value) ? fail('half a pair') : value
      const escape = take(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y) ?? fail('no character of a string')
      value +=
        escape.length === 2 ? (ESCAPES[escape.charAt(1)] ?? '') : String.fromCharCode(Number(`0x${escape.slice(2)}`))
    }
  }
  const readNumber = (): number => {
    const value = Number(take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y) ?? fail('no value'))
    return Number.isFinite(value) ? value : fail('out of range')
  }
  const readList = (close: RegExp, readItem: () => void): void => {
    skipSpace()
    if (take(close) !== undefined) return
    for (;;) {
      skipSpace()
      readItem()
      skipSpace()
      if (take(close) !== undefined) return
      if (take(/,/y) === undefined) fail('no comma')
      count('commas')
    }
  }
  const readObject = (depth: number): Members => {
    const members = new Map<string, Json>()
    readList(/\}/y, () => {
      const name = readString()
      // RFC 8259 section 4 leaves open what a repeated name means; copying "__proto__" changes a prototype.
      if (members.has(name) || name === '__proto__') fail('no good name')
      count('members')
      skipSpace()
      if (take(/:/y) === undefined) fail('no colon')
      members.set(name, readValue(depth))
    })
    return members
  }
  const readArray = (depth: number): readonly Json[] => {
    const items: Json[] = []
    readList(/\]/y, () => {
      items.push(readValue(depth))
    })
    return items
  }
  const readValue = (outer: number): Json => {
    skipSpace()
    const opening = take(/[[{]/y)
    if (opening !== undefined && outer >= bounds.depth) fail('too deep')
    if (opening !== undefined) count('containers')
    if (opening === '{') return readObject(outer + 1)
    if (opening === '[') return readArray(outer + 1)
    if (text.charAt(at) === '"') return readString()
    const word = take(/true|false|null/y)
    return word === undefined ? readNumber() : ({ true: true, false: false, null: null }[word] ?? null)
  }

  const value = readValue(0)
  skipSpace()
  return at === text.length ? value : fail('more than one value')
}

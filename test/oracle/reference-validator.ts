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
  const header = readMembers(headerText, 4)
  const claims = readMembers(payloadText, 32)
  const signature = readBase64Url(signatureText)
  // design.md section 4, standards.md DEC-7, DEC-8, N7515-05, N7515-08, N8725-12 and section 6.2
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
  return [
    // design.md section 4, standards.md DEC-10, DEC-11, N7519-05, N7519-07; threats.md HDR-08, HDR-13, HDR-14, HDR-46
    ['header member', () => hasAny(header, ...FORBIDDEN)],
    ['zip', () => header.has('zip') && textOr(header.get('zip'), '') !== 'NONE'],
    ['cty', () => header.has('cty') && /^(?:application\/)?jwt$/i.test(textOr(header.get('cty'), 'jwt'))],
    ['kid', () => header.has('kid') && !/^.{1,256}$/s.test(textOr(header.get('kid'), ''))],
    ['header type', () => ['typ', 'x5t', 'x5t#S256'].some((name) => header.has(name) && !isText(header.get(name)))],
    ['replicated claim', () => REPLICATED.some((name) => header.has(name) && !isEqual(header, claims, name))],
    // standards.md N9068-08, N8725-01 to -04, DEC-17, N7518-02
    ['issuer', () => issuer === undefined],
    ['algorithm', () => !rules.algorithms.includes(alg)],
    ['key', () => key === undefined],
    ['signature', () => key === undefined || !isSignedBy(key, alg, signed, signature)],
    // design.md section 4, ranks 1 to 5
    ['kind', () => !isAccessToken(header, claims, rules)],
    // standards.md N7519-02, N9068-09; threats.md CLM-01 to CLM-09, ENC-27
    ['audience', () => audience.length > 256 || !audience.some((one) => isOneOf(one, issuer?.audience ?? []))],
    // standards.md N9068-04, N7519-06; threats.md CLM-26, CLM-29, CLM-39
    ['missing claim', () => profile === 'rfc9068' && valuesOf(['sub', 'client_id', 'iat', 'jti']).length < 4],
    ['identity', () => valuesOf(['sub', 'client_id', 'jti']).some(isEmptyText)],
    ['client', () => disagree(valuesOf(CLIENTS[profile]))],
    // standards.md DEC-12, DEC-13, N7519-03; threats.md TIME-01 to TIME-17
    ['time', () => Number.isNaN(exp) || valuesOf(['nbf', 'iat']).map(readDate).some(Number.isNaN)],
    ['time', () => iat > exp || nbf > exp],
    ['expired', () => now - exp >= Math.min(skew, 60)],
    ['not yet', () => nbf - now > skew || iat - now > skew],
    ['too old', () => maxAge !== undefined && !(exp - iat <= maxAge && now - iat <= maxAge + skew)],
    // standards.md DEC-9
    ['cnf', () => claims.has('cnf')],
    // standards.md DEC-14; threats.md SCP-04 to SCP-11
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

/** The five ranks: the first one that speaks decides. */
function isAccessToken(header: Members, claims: Members, { profile, admits }: ReferenceRules): boolean {
  const type = header.has('typ') ? textOr(header.get('typ'), 'no text') : 'JWT'
  const typed = /^(?:application\/)?at\+jwt$/i.test(type)
  const jti = textOr(claims.get('jti'), '')
  const says = (name: string, ...values: readonly Json[]): boolean => values.includes(claims.get(name) ?? null)
  const isUnclear = claims.has('token_kind')
  const ranks: [() => boolean, boolean][] = [
    [() => !typed && !/^(?:application\/)?jwt$/i.test(type), false],
    [() => claims.has('typ') && !ACCESS_KINDS.includes(textOr(claims.get('typ'), '').toLowerCase()), false],
    [() => claims.has('token_type') && !says('token_type', 'access', 'Bearer'), false],
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
    [() => says('typ', 'Bearer', 'DPoP') || says('token_use', 'access') || jti.startsWith('AT.'), true],
    [() => hasAny(claims, 'nonce', 'at_hash', 'c_hash', 's_hash', 'rat'), false],
    [() => says('token_type', 'access'), true],
    // A claim that may name a kind, and names none that is known: the marks prove nothing beside it.
    [() => !isUnclear && hasAny(claims, 'scope', 'scp', 'permissions', 'appid', 'azpacr', 'idtyp'), true],
    [() => !isUnclear && isForUserinfo(claims.get('iss'), claims.get('aud')), true],
    [() => admits?.(claims) === true, true],
  ]
  return ranks.find(([speaks]) => speaks())?.[1] === true
}

/** The values of the claim `typ` that the tokens here may have, of those that name an access token or nothing. */
const ACCESS_KINDS = ['bearer', 'dpop', 'at+jwt', 'jwt']

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
  if (key === undefined || candidates.length > 1) return undefined
  // RFC 9864: "EdDSA" with Ed25519 and "Ed25519" are one algorithm under two names.
  const isPinned = key.alg === undefined && key.kty !== 'OKP'
  return !isPinned || allowed.find((name) => fitsKind(name, key)) === alg ? key : undefined
}

const keyObjects = new WeakMap<ReferenceKey, KeyObject>()

function isSignedBy(jwk: ReferenceKey, alg: string, signed: Buffer, signature: Buffer): boolean {
  const key = keyObjects.get(jwk) ?? createPublicKey({ key: { ...jwk }, format: 'jwk' })
  keyObjects.set(jwk, key)
  const hash = jwk.kty === 'OKP' ? null : `sha${alg.slice(2)}`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  try {
    return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363', ...(alg.startsWith('PS') ? pss : {}) }, signature)
  } catch {
    return false
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Reads base64url bit by bit; `undefined` for any other character, for a bit too many, and for nothing at all. */
function readBase64Url(text: string): Buffer | undefined {
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

function readMembers(segment: string, maxDepth: number): Members | undefined {
  const bytes = readBase64Url(segment)
  const text = bytes?.toString('utf8')
  // Node writes U+FFFD for what is not UTF-8: then the way back leads elsewhere.
  if (bytes === undefined || text === undefined || !Buffer.from(text, 'utf8').equals(bytes)) return undefined
  try {
    const value = readJson(text, maxDepth)
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
 * @throws {SyntaxError} For anything else, for a repeated or dangerous name, a number out of range, and too much nesting.
 */
function readJson(text: string, maxDepth: number): Json {
  let at = 0

  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at ${String(at)}`)
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
    }
  }
  const readObject = (depth: number): Members => {
    const members = new Map<string, Json>()
    readList(/\}/y, () => {
      const name = readString()
      // threats.md ENC-24
      if (members.has(name) || name === '__proto__') fail('no good name')
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
    if (opening !== undefined && outer >= maxDepth) fail('too deep')
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

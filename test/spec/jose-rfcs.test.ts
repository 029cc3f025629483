/**
 * JOSE: RFC 7515 (JWS), 7516 (JWE), 7517 (JWK), 7518 (JWA), 7519 (JWT), 7797 (unencoded payload) and 8037 (Ed25519), with the rules
 * of single keys that RFC 8725 3.4 asks for.
 *
 * Deviated from, or not applicable:
 *
 * - RFC 7515 4 and RFC 7519 4, duplicate members: "reject or take the last"; rejected, at any depth, because two parsers differ.
 * - RFC 7515 4.1.11, `crit`: no extension is understood, so that every `crit` is refused.
 * - RFC 7515 7.2, JSON serializations: compact only; a JSON text is no token68 (rfc8725.test.ts).
 * - RFC 7516, JWE: five segments are refused (rfc8725.test.ts).
 * - RFC 7517 4.3, `key_ops`: `verify` must be among them; other operations beside it do no harm.
 * - RFC 7518 6.3.1.2, the exponent: RFC 7518 has no rule; odd, from 65537 to 2^32, as FIPS 186-5 has it below 2^256.
 * - RFC 7519 7.2, nested tokens: refused, whether `cty` says so or not (rfc8725.test.ts).
 * - RFC 7519 4.1.7, `jti` is unique: tokens are not for one use; a text where it is present.
 * - RFC 7638, thumbprints: belong to DPoP.
 * - RFC 8037 3.1, Ed448: not taken, there is no name for it in the option `algorithms`.
 */
import { ConfigurationError, type ReasonCode, type RequireAuthOptions } from 'express-resource-server'
import {
  createKey,
  ED25519_NEUTRAL,
  encode,
  exponentOneSigner,
  fixedSignature,
  forgeToken,
  joinSegments,
  republish,
  signer,
  smallOrderSigner,
  type ForgeKey,
  type Jwk,
  type Sign,
} from '../kit/forge.js'
import { createApi, expectGranted, expectOutcome, expectRefused, present } from '../kit/api.js'
import { accessClaims, accessHeader, AUDIENCE, createForgedApi, ISSUER, NOW, tokenOf } from '../kit/forged-api.js'

type Outcome = ReasonCode | 'granted'

const rsa = createKey('RSA', { kid: 'rsa' })
const ec = createKey('P-256', { kid: 'ec' })
const ed = createKey('Ed25519', { kid: 'ed' })
const rs256 = signer('RS256', rsa)
const api = createForgedApi([rsa, ec, ed])

const headerText = JSON.stringify(accessHeader(rsa))
const claimsText = JSON.stringify(accessClaims())
const good = forgeToken(headerText, claimsText, rs256)

/** A token with members added to its header as literal JSON, before the others or behind them. */
const withHeader = (members: string) => forgeToken(`${headerText.slice(0, -1)},${members}}`, claimsText, rs256)
const withHeaderFirst = (members: string) => forgeToken(`{${members},${headerText.slice(1)}`, claimsText, rs256)
const withClaims = (members: string) => forgeToken(headerText, `${claimsText.slice(0, -1)},${members}}`, rs256)
const withClaimsFirst = (members: string) => forgeToken(headerText, `{${members},${claimsText.slice(1)}`, rs256)

/** A token with one claim as literal JSON, or with none of that name. */
function withClaim(name: string, json: string | undefined): string {
  const rest = JSON.stringify(accessClaims({ [name]: undefined }))
  return forgeToken(headerText, json === undefined ? rest : `${rest.slice(0, -1)},"${name}":${json}}`, rs256)
}

// Neither a refusal nor anything else may change what comes after it.
afterEach(() => expectGranted(api, good))

describe('the compact serialization', () => {
  const [header = '', payload = '', signature = ''] = good.split('.')

  const shapes: readonly [what: string, token: string][] = [
    ['no dot', header],
    ['one dot', `${header}.${payload}`],
    ['three dots', `${good}.`],
    ['four segments', `${good}.${signature}`],
    ['five segments', `${good}.${signature}.${signature}`],
    ['4000 dots', '.'.repeat(4000)],
    ['two dots alone', '..'],
    ['one dot alone', '.'],
    ['a dot before it', `.${good}`],
    ['two dots in a row', good.replace('.', '..')],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['an empty signature', `${header}.${payload}.`],
  ]

  test.each(shapes)('RFC 7515 7.1: refuses %s', async (_what, token) => {
    await expectRefused(api, token, 'malformed_token')
  })

  /** Changes the bits of the last character that no byte uses: 4 of a 256-byte signature, 2 for a rest of two bytes. */
  function aliasOf(segment: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return segment.slice(0, -1) + (alphabet[alphabet.indexOf(segment.at(-1) ?? '') + 1] ?? '')
  }

  const roomyHeader = encode(`${headerText}${' '.repeat((4 - (headerText.length % 3)) % 3)}`)
  const roomyPayload = encode(`${claimsText}${' '.repeat((4 - (claimsText.length % 3)) % 3)}`)

  test('RFC 7515 2: the segments that follow have bits to spare, and are good as they are', async () => {
    expect([roomyHeader.length % 4, roomyPayload.length % 4, signature.length % 4]).toEqual([2, 2, 2])
    await expectGranted(api, joinSegments(roomyHeader, roomyPayload, rs256))
  })

  // With a slash and a plus sign in it, and nothing else that base64url lacks.
  const base64 = Buffer.from(JSON.stringify(accessClaims({ x: '???>>>???' })))
    .toString('base64')
    .replaceAll('=', '')

  test('RFC 7515 2: base64 differs from base64url where it is tried', () => {
    expect(base64).toMatch(/[+/]/)
  })

  const encodings: readonly [what: string, token: string][] = [
    ['a padded signature', `${good}==`],
    ['a signature padded by one', `${good}=`],
    ['a signature of a length that cannot be', `${good}A`.slice(0, good.length - (signature.length % 4) + 1)],
    ['stray bits in the signature', `${header}.${payload}.${aliasOf(signature)}`],
    ['stray bits in the header', joinSegments(aliasOf(roomyHeader), payload, rs256)],
    ['stray bits in the payload', joinSegments(header, aliasOf(roomyPayload), rs256)],
    ['a header of a length that cannot be', joinSegments(roomyHeader.slice(0, -1), payload, rs256)],
    ['a payload of a length that cannot be', joinSegments(header, roomyPayload.slice(0, -1), rs256)],
    ['base64 in place of base64url', joinSegments(header, base64, rs256)],
    ['a slash for an underscore', `${header}.${payload}.${signature.slice(0, -6)}//${signature.slice(-4)}`],
    ['a plus sign for a hyphen', `${header}.${payload}.${signature.slice(0, -6)}++${signature.slice(-4)}`],
    ['a tilde', `${header}.${payload}.${signature.slice(0, -6)}~~${signature.slice(-4)}`],
  ]

  test.each(encodings)('RFC 7515 2: refuses %s', async (_what, token) => {
    await expectRefused(api, token, 'malformed_token')
  })

  test('RFC 7515 2: refuses every other spelling of a signature that was accepted', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const key of [rsa, ec, ed]) {
      const token = tokenOf(key, String(key.jwk['alg']))
      await expectGranted(api, token)
      for (const last of alphabet) {
        const other = token.slice(0, -1) + last
        if (other !== token) expect((await present(api, other)).status).toBe(401)
      }
    }
  })
})

describe('the header', () => {
  test.each([
    '[]',
    '"x"',
    '1',
    'null',
    'true',
    '',
    ' ',
    '{',
    '{}x',
    '{}{}',
    "{'alg':'RS256'}",
    '{"alg":NaN}',
    '//\n{}',
  ])('RFC 7515 5.2: refuses %j in its place', async (text) => {
    const token = forgeToken(text === '' ? ' ' : text, claimsText, rs256)
    await expectRefused(api, token, 'malformed_token')
  })

  test('RFC 7515 5.2: refuses an empty object', async () => {
    await expectRefused(api, forgeToken('{}', claimsText, rs256), 'algorithm_not_allowed')
  })

  test.each(['["RS256"]', '1', 'null', 'true', '{}', '{"toString":"RS256"}', '""'])(
    'RFC 7515 4.1.1: refuses alg %s',
    async (alg) => {
      const token = forgeToken(`{"alg":${alg},"kid":"rsa","typ":"at+jwt"}`, claimsText, rs256)
      await expectRefused(api, token, 'algorithm_not_allowed')
    },
  )

  test('RFC 7515 4.1.1: refuses a header without alg', async () => {
    await expectRefused(api, forgeToken('{"kid":"rsa","typ":"at+jwt"}', claimsText, rs256), 'algorithm_not_allowed')
  })

  test.each([
    ['alg, none first', withHeaderFirst('"alg":"none"')],
    ['alg, none last', withHeader('"alg":"none"')],
    ['alg, the same', withHeader('"alg":"RS256"')],
    ['alg, by an escape', withHeaderFirst(String.raw`"\u0061lg":"none"`)],
    ['kid', withHeaderFirst('"kid":"ec"')],
    ['typ', withHeaderFirst('"typ":"JWT"')],
    ['an unknown member', withHeader('"x":1,"x":2')],
    ['a member within', withHeader('"x":{"y":1,"y":1}')],
  ])('RFC 7515 4: refuses a header that says twice: %s', async (_what, token) => {
    await expectRefused(api, token, 'malformed_token')
  })

  test.each([
    ['an unknown member', '"x":1'],
    ['members in an unknown member', '"x":{"alg":"none","kid":"ec"}'],
    ['colons and quotes in a text', String.raw`"x":"a\":\":{\"alg\":1}"`],
    ['a member named like a built-in', '"constructor":1'],
  ])('RFC 7515 4: %s is said once, and ignored', async (_what, members) => {
    await expectGranted(api, withHeader(members))
  })

  test.each([
    ['an unknown extension', '"crit":["x"],"x":1'],
    ['an extension that is not there', '"crit":["x"]'],
    ['an extension named like a URL', '"crit":["http://example.com/UNDEFINED"],"http://example.com/UNDEFINED":true'],
    ['nothing', '"crit":[]'],
    ['a text', '"crit":"x"'],
    ['null', '"crit":null'],
    ['numbers', '"crit":[1]'],
    ['a member of RFC 7515', '"crit":["alg"]'],
    ['typ', '"crit":["typ"]'],
    ['a claim', '"crit":["exp"],"exp":9999999999'],
    ['a name twice', '"crit":["x","x"],"x":1'],
    ['itself', '"crit":["crit"]'],
    ['built-ins', '"crit":["__proto__","constructor"]'],
    ['b64 and b64 true', '"crit":["b64"],"b64":true'],
  ])('RFC 7515 4.1.11: refuses crit with %s', async (_what, members) => {
    await expectRefused(api, withHeader(members), 'unsupported_header')
  })

  test.each(['false', 'true', '"false"', '0', 'null'])('RFC 7797 6: refuses b64 %s', async (b64) => {
    await expectRefused(api, withHeader(`"b64":${b64}`), 'unsupported_header')
    await expectRefused(api, withHeader(`"b64":${b64},"crit":["b64"]`), 'unsupported_header')
  })

  test('RFC 7797 5.2: refuses a payload that is not encoded', async () => {
    const header = encode(`${headerText.slice(0, -1)},"b64":false,"crit":["b64"]}`)
    await expectRefused(api, joinSegments(header, 'pay-load', rs256), 'malformed_token')
    await expectRefused(api, joinSegments(header, encode(claimsText), rs256), 'unsupported_header')
  })

  const types: readonly [typ: string, outcome: Outcome][] = [
    ['at+jwt', 'granted'],
    ['application/at+jwt', 'granted'],
    ['AT+JWT', 'granted'],
    ['Application/At+Jwt', 'granted'],
    ['text/at+jwt', 'wrong_token_type'],
    ['application/at+jwt/x', 'wrong_token_type'],
    ['at+jwt; charset=utf-8', 'wrong_token_type'],
  ]

  test.each(types)('RFC 7515 4.1.9: typ %s is %s', async (typ, outcome) => {
    await expectOutcome(api, forgeToken(accessHeader(rsa, { typ }), claimsText, rs256), outcome)
  })

  test.each(['1', '["rsa"]', '{}', 'null', 'true', '""', `"${'k'.repeat(257)}"`])(
    'RFC 7515 4.1.4: refuses kid %s',
    async (kid) => {
      await expectRefused(
        api,
        forgeToken(`{"alg":"RS256","typ":"at+jwt","kid":${kid}}`, claimsText, rs256),
        'unsupported_header',
      )
    },
  )

  test('RFC 7515 4.1.4: without kid the one key that fits is taken, and none of several', async () => {
    const token = (key: ForgeKey) => forgeToken(accessHeader(key, { kid: undefined }), claimsText, signer('RS256', key))
    const second = createKey('RSA', { kid: 'rsa-2' })
    const single = createForgedApi([rsa, ec, ed])
    await expectGranted(single, token(rsa))
    await expectRefused(single, token(second), 'invalid_signature')
    const several = createForgedApi([rsa, second])
    await expectRefused(several, token(rsa), 'unknown_key')
    await expectRefused(several, token(second), 'unknown_key')
    await expectGranted(several, tokenOf(second, 'RS256'))
  })

  test.each([
    ['precomposed and decomposed letters', 'caf\u00e9', 'cafe\u0301'],
    ['a Cyrillic letter', 'rsa', 'rs\u0430'],
    ['full-width letters', 'rsa', '\uff52\uff53\uff41'],
    ['a zero-width space', 'rsa', 'rsa\u200b'],
  ])('RFC 7515 10.13: names are compared without normalisation: %s', async (_what, published, presented) => {
    const named = republish(rsa, { kid: published })
    const own = createForgedApi([named])
    const token = (kid: string) => forgeToken(accessHeader(rsa, { kid }), claimsText, rs256)
    await expectGranted(own, token(published))
    await expectRefused(own, token(presented), 'unknown_key')
  })

  test('RFC 7515 4: an escaped name is the same name', async () => {
    const text = headerText.replace('"alg":"RS256"', String.raw`"\u0061lg":"\u0052S256"`)
    expect(text).not.toBe(headerText)
    await expectGranted(api, forgeToken(text, claimsText, rs256))
  })

  test('RFC 7515 5.2: a valid signature of an algorithm that is not allowed is not enough', async () => {
    const narrow = createForgedApi([rsa, ec], { algorithms: ['ES256'] })
    await expectRefused(narrow, good, 'algorithm_not_allowed')
    await expectGranted(narrow, tokenOf(ec, 'ES256'))
  })

  const replicated: readonly [what: string, members: string, outcome: Outcome][] = [
    ['the same iss', `"iss":"${ISSUER}"`, 'granted'],
    ['the same sub and aud', `"sub":"user-1","aud":"${AUDIENCE}"`, 'granted'],
    ['another iss', '"iss":"https://evil.example"', 'unsupported_header'],
    ['another sub', '"sub":"admin"', 'unsupported_header'],
    ['another aud', '"aud":["x"]', 'unsupported_header'],
    ['iss as null', '"iss":null', 'unsupported_header'],
  ]

  test.each(replicated)('RFC 7519 5.3: a header with %s', async (_what, members, outcome) => {
    await expectOutcome(api, withHeader(members), outcome)
  })
})

describe('the claims', () => {
  test.each([
    '[]',
    '[{}]',
    '"x"',
    '1',
    'null',
    'true',
    ' ',
    '{',
    '{}x',
    '{}{}',
    ")]}'\n{}",
    '\u00a0{}',
    '{"a":01}',
    '{"a":0x10}',
    '{"a":+1}',
    '{"a":1,}',
  ])('RFC 7519 7.2: refuses %j in their place', async (text) => {
    await expectRefused(api, forgeToken(headerText, text, rs256), 'malformed_token')
  })

  test.each([
    ['sub, admin last', withClaims('"sub":"admin"')],
    ['sub, admin first', withClaimsFirst('"sub":"admin"')],
    ['sub, the same', withClaims('"sub":"user-1"')],
    ['sub, by an escape', withClaims(String.raw`"\u0073ub":"admin"`)],
    ['aud', withClaimsFirst('"aud":"https://other.example.com"')],
    ['exp', withClaims('"exp":9999999999')],
    ['iss', withClaimsFirst('"iss":"https://evil.example"')],
    ['scope', withClaims('"scope":"admin"')],
    ['an unknown claim', withClaims('"x":1,"x":1')],
    ['a member within', withClaims('"x":{"jkt":"a","jkt":"b"}')],
    ['a member deep within', withClaims('"x":[[{"y":[{"z":1,"z":2}]}]]')],
    ['the empty name', withClaims('"":1,"":2')],
  ])('RFC 7519 4: refuses claims that say twice: %s', async (_what, token) => {
    await expectRefused(api, token, 'malformed_token')
  })

  test.each([
    ['in different letters', withClaims('"SUB":"admin","Sub":"admin"')],
    ['in different objects', withClaims('"x":{"sub":"a"},"y":[{"sub":"b"},{"sub":"c"}]')],
    ['as a value', withClaims(String.raw`"x":"\"sub\":\"admin\"","y":["sub:","sub:"]`)],
    ['with white space', forgeToken(headerText, JSON.stringify(accessClaims(), null, '\t'), rs256)],
  ])('RFC 7519 4: a name that comes again %s is none that comes twice', async (_what, token) => {
    expect(await expectGranted(api, token)).toMatchObject({ subject: 'user-1' })
  })

  test.each([
    ['a member called __proto__', withClaims('"__proto__":{"scope":"admin"}')],
    ['a member called __proto__ within', withClaims('"x":{"__proto__":{"scope":"admin"}}')],
    ['nesting of 33', withClaims(`"x":${'['.repeat(33)}${']'.repeat(33)}`)],
    ['nesting of 3000', withClaims(`"x":${'['.repeat(3000)}${']'.repeat(3000)}`)],
    ['a number beyond a double', withClaims('"x":1e400')],
    ['a number of 400 digits', withClaims(`"x":${'9'.repeat(400)}`)],
  ])('RFC 7515 10.12: refuses claims with %s', async (_what, token) => {
    await expectRefused(api, token, 'malformed_token')
    expect(({} as Record<string, unknown>)['scope']).toBeUndefined()
  })

  const now = String(NOW)
  const dates: readonly [claim: string, json: string, outcome: Outcome][] = [
    ['exp', String(NOW + 1), 'granted'],
    ['exp', `${now}.5`, 'granted'],
    ['exp', '1.9e9', 'granted'],
    ['exp', '253402300799', 'granted'],
    ['exp', '253402300800', 'invalid_claims'],
    ['exp', `${now}300`, 'invalid_claims'],
    ['exp', '1e300', 'invalid_claims'],
    ['exp', '1e309', 'malformed_token'],
    ['exp', '-1e309', 'malformed_token'],
    ['exp', '9223372036854775808', 'invalid_claims'],
    ['exp', '-1', 'invalid_claims'],
    ['exp', '0', 'token_expired'],
    ['exp', '"1900000000"', 'invalid_claims'],
    ['exp', 'null', 'invalid_claims'],
    ['exp', 'true', 'invalid_claims'],
    ['exp', '[1900000000]', 'invalid_claims'],
    ['exp', '{}', 'invalid_claims'],
    ['exp', '"2027-01-01T00:00:00Z"', 'invalid_claims'],
    ['nbf', now, 'granted'],
    ['nbf', String(NOW + 30), 'granted'],
    ['nbf', `${String(NOW + 30)}.5`, 'token_not_yet_valid'],
    ['nbf', String(NOW + 31), 'token_not_yet_valid'],
    ['nbf', String(NOW + 301), 'invalid_claims'],
    ['nbf', '0', 'granted'],
    ['nbf', '-1', 'invalid_claims'],
    ['nbf', '"0"', 'invalid_claims'],
    ['nbf', 'null', 'invalid_claims'],
    ['nbf', '{}', 'invalid_claims'],
    ['nbf', '-1e309', 'malformed_token'],
    ['iat', String(NOW + 30), 'granted'],
    ['iat', String(NOW + 31), 'token_not_yet_valid'],
    ['iat', String(NOW + 301), 'invalid_claims'],
    ['iat', '0', 'granted'],
    ['iat', '-1', 'invalid_claims'],
    ['iat', '"0"', 'invalid_claims'],
    ['iat', 'null', 'invalid_claims'],
    ['iat', 'false', 'invalid_claims'],
  ]

  test.each(dates)('RFC 7519 4.1.4-4.1.6: %s %s is %s', async (claim, json, outcome) => {
    await expectOutcome(api, withClaim(claim, json), outcome)
  })

  const required: readonly [claim: string, outcome: Outcome][] = [
    ['exp', 'invalid_claims'],
    ['aud', 'invalid_claims'],
    ['iss', 'unknown_issuer'],
    ['nbf', 'granted'],
    ['iat', 'granted'],
    ['jti', 'granted'],
    ['sub', 'granted'],
  ]

  test.each(required)('RFC 7519 4.1: a token without %s is %s for auto', async (claim, outcome) => {
    await expectOutcome(api, withClaim(claim, undefined), outcome)
  })

  const audience = JSON.stringify(AUDIENCE)
  const audiences: readonly [json: string, outcome: Outcome][] = [
    [audience, 'granted'],
    [`[${audience}]`, 'granted'],
    [`["x",${audience}]`, 'granted'],
    ['"https:\\/\\/api.example.com"', 'granted'],
    ['"x"', 'wrong_audience'],
    ['[]', 'wrong_audience'],
    ['""', 'wrong_audience'],
    [`"${AUDIENCE}\\u0000"`, 'wrong_audience'],
    [`[[${audience}]]`, 'invalid_claims'],
    [`[${audience},1]`, 'invalid_claims'],
    [`[null,${audience}]`, 'invalid_claims'],
    [`{"0":${audience},"length":1}`, 'invalid_claims'],
    ['null', 'invalid_claims'],
    ['true', 'invalid_claims'],
  ]

  test.each(audiences)('RFC 7519 4.1.3: aud %s is %s', async (json, outcome) => {
    await expectOutcome(api, withClaim('aud', json), outcome)
  })

  const issuers: readonly [json: string, outcome: Outcome][] = [
    [JSON.stringify(ISSUER), 'granted'],
    ['"https:\\/\\/issuer.example.com"', 'granted'],
    [JSON.stringify(ISSUER.toUpperCase()), 'unknown_issuer'],
    [`"${ISSUER}/"`, 'unknown_issuer'],
    [`"${ISSUER}\\u0000"`, 'unknown_issuer'],
    [`["${ISSUER}"]`, 'unknown_issuer'],
    ['"__proto__"', 'unknown_issuer'],
  ]

  test.each(issuers)('RFC 7519 2: iss %s is %s, case and all', async (json, outcome) => {
    await expectOutcome(api, withClaim('iss', json), outcome)
  })

  test('RFC 7519 2: an issuer that is no URI is compared in the same way', async () => {
    const options: RequireAuthOptions = {
      issuer: 'joe',
      audience: AUDIENCE,
      clock: () => NOW * 1000,
      jwks: { keys: [rsa.jwk] },
    }
    const own = createApi(options)
    await expectGranted(own, withClaim('iss', '"joe"'))
    for (const other of ['Joe', 'joe ', 'jo'])
      await expectRefused(own, withClaim('iss', JSON.stringify(other)), 'unknown_issuer')
  })

  test.each(['1', 'null', '""', '[]', '["a"]', '{}', 'false'])(
    'RFC 7519 4.1.2, 4.1.7: sub and jti must be texts, not %s',
    async (json) => {
      await expectRefused(api, withClaim('sub', json), 'invalid_claims')
      await expectRefused(api, withClaim('jti', json), 'invalid_claims')
    },
  )

  test('RFC 7519 4.1.7: a token is not for one use, and no cache tells two tokens of one jti apart wrongly', async () => {
    const other = withClaim('sub', '"user-2"')
    for (let sight = 0; sight < 4; sight++) {
      expect(await expectGranted(api, good)).toMatchObject({ subject: 'user-1' })
      expect(await expectGranted(api, other)).toMatchObject({ subject: 'user-2' })
    }
  })
})

describe('signatures', () => {
  test.each([rsa, ec, ed])('RFC 7515 5.2: a bit that flips anywhere is seen ($kid)', async (key) => {
    const token = tokenOf(key, String(key.jwk['alg']))
    await expectGranted(api, token)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const flip = (segment: string, at: number) => {
      const bytes = Buffer.from(segment, 'base64url')
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes.toString('base64url')
    }
    const length = Buffer.from(signature, 'base64url').length
    for (const at of [0, 1, length >> 1, length - 1]) {
      await expectRefused(api, `${header}.${payload}.${flip(signature, at)}`, 'invalid_signature')
    }
    const subject = Buffer.from(payload, 'base64url').indexOf('user-1')
    await expectRefused(api, `${header}.${flip(payload, subject)}.${signature}`, 'invalid_signature')
  })

  const zero = Buffer.alloc(1)
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const integer = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
  const pair = (r: bigint, s: bigint) => Buffer.concat([integer(r), integer(s)])
  const es256 = signer('ES256', ec)
  const ecToken = (sign: Sign) => forgeToken(accessHeader(ec), claimsText, sign)
  const edit =
    (change: (signature: Buffer) => Uint8Array): Sign =>
    (input) =>
      Buffer.from(change(es256(input)))

  const signatures: readonly [what: string, sign: Sign][] = [
    ['1 byte', edit((bytes) => bytes.subarray(0, 1))],
    ['63 bytes', edit((bytes) => bytes.subarray(0, 63))],
    ['63 bytes, the first left out', edit((bytes) => bytes.subarray(1))],
    ['65 bytes', edit((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]))],
    [
      '66 bytes, each half with a zero before it',
      edit((b) => Buffer.concat([zero, b.subarray(0, 32), zero, b.subarray(32)])),
    ],
    ['96 bytes', edit((bytes) => Buffer.concat([bytes, Buffer.alloc(32)]))],
    ['4096 bytes', edit((bytes) => Buffer.concat([bytes, Buffer.alloc(4032)]))],
    ['DER', edit((bytes) => derOf(bytes))],
    ['r = 0, s = 0', fixedSignature(pair(0n, 0n))],
    ['r = 0, s = 1', fixedSignature(pair(0n, 1n))],
    ['r = 1, s = 0', fixedSignature(pair(1n, 0n))],
    ['r = 1, s = 1', fixedSignature(pair(1n, 1n))],
    ['r = n, s = n', fixedSignature(pair(order, order))],
    ['r = n, s = 0', fixedSignature(pair(order, 0n))],
    ['r = n - 1, s = n - 1', fixedSignature(pair(order - 1n, order - 1n))],
    ['all bits', fixedSignature(Buffer.alloc(64, 0xff))],
    ['the halves swapped', edit((bytes) => Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]))],
  ]

  /** RFC 3279 2.2.3 */
  function derOf(signature: Buffer): Buffer {
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((half) =>
      Buffer.concat([Buffer.from([2, 33, 0]), half]),
    )
    return Buffer.concat([Buffer.from([0x30, 70]), r ?? zero, s ?? zero])
  }

  test.each(signatures)('RFC 7518 3.4: refuses an ES256 signature of %s', async (_what, sign) => {
    await expectRefused(api, ecToken(sign), 'invalid_signature')
  })

  test('RFC 7518 3.4: takes a signature in 64 bytes, and its twin with n - s', async () => {
    const twin = edit((bytes) => {
      const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
      return Buffer.concat([bytes.subarray(0, 32), integer(order - s)])
    })
    await expectGranted(api, ecToken(es256))
    await expectGranted(api, ecToken(twin))
  })

  test.each(['P-384', 'P-521'] as const)('RFC 7518 3.4: takes %s with its own algorithm', async (kind) => {
    const key = createKey(kind)
    const own = createForgedApi([key])
    const alg = String(key.jwk['alg'])
    await expectGranted(own, tokenOf(key, alg))
    await expectRefused(own, forgeToken(accessHeader(key), claimsText, es256), 'invalid_signature')
  })

  test.each(['RS384', 'RS512', 'PS256', 'PS384', 'PS512'])(
    'RFC 7518 3.1: takes %s of a key that is for it',
    async (alg) => {
      const key = republish(rsa, { alg })
      const own = createForgedApi([key])
      await expectGranted(own, tokenOf(key, alg))
      await expectRefused(own, forgeToken(accessHeader(key), claimsText, rs256), 'invalid_signature')
    },
  )
})

/** Publishes a key beside a good one: tokens of the first are of an unknown key, and the second is none the worse for it. */
async function expectSkipped(key: ForgeKey, token: string): Promise<void> {
  const own = createForgedApi([key, ec])
  await expectRefused(own, token, 'unknown_key')
  await expectGranted(own, tokenOf(ec, 'ES256'))
}

describe('RSA keys', () => {
  test.each([2048, 2056, 3072])('RFC 7518 3.3: takes a key of %d bits', async (modulusLength) => {
    const key = createKey('RSA', { modulusLength })
    const own = createForgedApi([key])
    await expectGranted(own, tokenOf(key, 'RS256'))
    await expectRefused(own, forgeToken(accessHeader(key), claimsText, rs256), 'invalid_signature')
  })

  test.each([512, 1024, 2040, 2047])('RFC 7518 3.3: skips a key of %d bits', async (modulusLength) => {
    const key = createKey('RSA', { modulusLength })
    await expectSkipped(key, tokenOf(key, 'RS256'))
  })

  test('RFC 7518 3.3: a short key alone is no key at all', async () => {
    const key = createKey('RSA', { modulusLength: 1024 })
    await expectRefused(createForgedApi([key]), tokenOf(key, 'RS256'), 'issuer_unavailable')
  })

  const modulus = Buffer.from(String(rsa.jwk['n']), 'base64url')
  const oversized = Buffer.alloc(2048, 0xff)
  const materials: readonly [section: string, what: string, members: Jwk, sign: Sign][] = [
    ['6.3.1.2', 'e = 1, whose signatures anybody can make', { e: 'AQ' }, exponentOneSigner()],
    ['6.3.1.2', 'e = 1 in three octets', { e: encode(Buffer.from([0, 0, 1])) }, exponentOneSigner()],
    ['6.3.1.2', 'e = 0', { e: 'AA' }, rs256],
    ['6.3.1.2', 'e = 2', { e: 'Ag' }, rs256],
    ['6.3.1.2', 'e = 65536', { e: encode(Buffer.from([1, 0, 0])) }, rs256],
    ['6.3.1.2', 'e = 65538', { e: encode(Buffer.from([1, 0, 2])) }, rs256],
    ['6.3.1.2', 'e = 65535', { e: encode(Buffer.from([255, 255])) }, rs256],
    ['6.3.1.2', 'e = 2^32 + 1', { e: encode(Buffer.from([1, 0, 0, 0, 1])) }, rs256],
    ['6.3.1.2', 'no e', { e: undefined }, rs256],
    ['6.3.1.2', 'an empty e', { e: '' }, rs256],
    ['6.3.1.2', 'e as a number', { e: 65537 }, rs256],
    ['6.3.1.2', 'e as large as n', { e: rsa.jwk['n'] }, rs256],
    ['6.3.1.1', 'no n', { n: undefined }, rs256],
    ['6.3.1.1', 'an empty n', { n: '' }, rs256],
    ['6.3.1.1', 'n = 0', { n: encode(Buffer.alloc(256)) }, rs256],
    ['6.3.1.1', 'an even n', { n: encode(Buffer.concat([modulus.subarray(0, -1), Buffer.from([0])])) }, rs256],
    ['6.3.1.1', 'n of 16,384 bits', { n: encode(oversized) }, rs256],
    ['6.3.1.1', 'n in base64', { n: `${String(rsa.jwk['n']).slice(0, -2)}+/` }, rs256],
    ['6.3.1.1', 'n with a space', { n: ` ${String(rsa.jwk['n'])}` }, rs256],
    ['6.3.1.1', 'n as an array', { n: [String(rsa.jwk['n'])] }, rs256],
  ]

  test.each(materials)('RFC 7518 %s: skips a key with %s', async (_section, _what, members, sign) => {
    await expectSkipped(republish(rsa, members), forgeToken(accessHeader(rsa), claimsText, sign))
  })

  const spellings: readonly [what: string, members: Jwk][] = [
    ['e with a zero octet before it', { e: encode(Buffer.from([0, 1, 0, 1])) }],
    ['n with a zero octet before it', { n: encode(Buffer.concat([Buffer.alloc(1), modulus])) }],
    ['a padded n', { n: `${String(rsa.jwk['n'])}==` }],
    ['n in base64', { n: modulus.toString('base64') }],
  ]

  test.each(spellings)('RFC 7518 2, 6.3.1.1: takes %s for the same number', async (_what, members) => {
    await expectGranted(createForgedApi([republish(rsa, members)]), forgeToken(accessHeader(rsa), claimsText, rs256))
  })

  test('RFC 7518 6.3.1.2: skips e = 3, and takes a larger prime than 65537', async () => {
    const three = createKey('RSA', { publicExponent: 3 })
    await expectSkipped(three, tokenOf(three, 'RS256'))
    const larger = createKey('RSA', { publicExponent: 65_539 })
    await expectGranted(createForgedApi([larger]), tokenOf(larger, 'RS256'))
  })

  test('RFC 7518 6.3.1.2: the forgery for e = 1 is no signature of the key as it was', async () => {
    await expectRefused(api, forgeToken(accessHeader(rsa), claimsText, exponentOneSigner()), 'invalid_signature')
  })
})

describe('EC and OKP keys', () => {
  const x = Buffer.from(String(ec.jwk['x']), 'base64url')
  const y = Buffer.from(String(ec.jwk['y']), 'base64url')
  const ecOther = createKey('P-256')
  const p256 = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex')
  const es256 = signer('ES256', ec)
  const moved = Buffer.from(y)
  moved[31] = (moved[31] ?? 0) ^ 1

  const points: readonly [what: string, members: Jwk][] = [
    ['a point beside the curve', { y: encode(moved) }],
    ['the x of one key and the y of another', { y: ecOther.jwk['y'] }],
    ['the point (0, 0)', { x: encode(Buffer.alloc(32)), y: encode(Buffer.alloc(32)) }],
    ['x = p', { x: encode(p256) }],
    ['all bits in x and y', { x: encode(Buffer.alloc(32, 255)), y: encode(Buffer.alloc(32, 255)) }],
    ['x of 31 octets', { x: encode(x.subarray(0, 31)) }],
    ['y of 31 octets', { y: encode(y.subarray(0, 31)) }],
    ['no y', { y: undefined }],
    ['no x', { x: undefined }],
    ['x as a number', { x: 1 }],
    ['another curve than its own', { crv: 'P-384', alg: 'ES256' }],
    ['an unknown curve', { crv: 'P-257' }],
    ['no curve', { crv: undefined }],
    ['a curve named like a built-in', { crv: 'constructor' }],
    ['a curve in small letters', { crv: 'p-256' }],
  ]

  test.each(points)('RFC 7518 6.2.1, RFC 8725 3.4: skips an EC key with %s', async (_what, members) => {
    const own = createForgedApi([republish(ec, members), rsa])
    await expectRefused(own, forgeToken(accessHeader(ec), claimsText, es256), 'unknown_key')
    await expectGranted(own, good)
  })

  test.each([
    ['33 octets', encode(Buffer.concat([Buffer.alloc(1), x]))],
    ['padded base64url', `${String(ec.jwk['x'])}=`],
    ['base64', x.toString('base64')],
  ])('RFC 7518 6.2.1.2: takes x in %s for the same number', async (_what, written) => {
    const own = createForgedApi([republish(ec, { x: written }), rsa])
    await expectGranted(own, forgeToken(accessHeader(ec), claimsText, es256))
  })

  const shapes: readonly [what: string, key: ForgeKey, alg: string, sign: Sign][] = [
    ['secp256k1 for ES256', createKey('secp256k1', { members: { alg: 'ES256' } }), 'ES256', es256],
    ['secp256k1 without alg', createKey('secp256k1', { members: { alg: undefined } }), 'ES256', es256],
    ['P-224', createKey('P-224', { members: { alg: 'ES256' } }), 'ES256', es256],
    ['P-384 for ES256', createKey('P-384', { members: { alg: 'ES256' } }), 'ES256', es256],
    ['P-256 for ES384', createKey('P-256', { members: { alg: 'ES384' } }), 'ES384', es256],
  ]

  test.each(shapes)('RFC 7518 3.4: skips a key of %s', async (_what, key, alg, sign) => {
    await expectSkipped(key, forgeToken(accessHeader(key, { alg }), claimsText, sign))
  })

  const edwards = signer('EdDSA', ed)

  test('RFC 8037 3.1: takes Ed25519', async () => {
    await expectGranted(api, tokenOf(ed, 'EdDSA'))
    const other = createKey('Ed25519')
    await expectRefused(api, forgeToken(accessHeader(ed), claimsText, signer('EdDSA', other)), 'invalid_signature')
  })

  test('RFC 9864 2.2: EdDSA and Ed25519 are one algorithm for a key that names neither', async () => {
    const bare = republish(ed, { alg: undefined })
    const own = createForgedApi([bare])
    for (const alg of ['EdDSA', 'Ed25519']) await expectGranted(own, tokenOf(bare, alg))
    const named = republish(ed, { alg: 'Ed25519' })
    const strict = createForgedApi([named])
    await expectGranted(strict, tokenOf(named, 'Ed25519'))
    await expectRefused(strict, tokenOf(named, 'EdDSA'), 'unknown_key')
  })

  const agreement: readonly [what: string, key: ForgeKey][] = [
    ['X25519', createKey('X25519', { members: { alg: 'EdDSA' } })],
    ['X25519 without alg', createKey('X25519')],
    ['X448', createKey('X448', { members: { alg: 'EdDSA' } })],
    ['Ed448', createKey('Ed448')],
  ]

  test.each(agreement)('RFC 8037 3.1: skips a key of %s', async (_what, key) => {
    await expectSkipped(key, forgeToken(accessHeader(key, { alg: 'EdDSA' }), claimsText, edwards))
  })

  test.each([
    ['31 octets', encode(Buffer.alloc(31, 7))],
    ['33 octets', encode(Buffer.alloc(33, 7))],
    ['no octets', ''],
    ['a number', 7],
  ])('RFC 8037 2: skips an Ed25519 key with x of %s', async (_what, material) => {
    await expectSkipped(republish(ed, { x: material }), forgeToken(accessHeader(ed), claimsText, edwards))
  })

  /** With one of these as a public key, anybody can make a signature of any message. */
  const smallOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ]

  test.each(smallOrder)('RFC 8725 3.4: skips the Ed25519 point %s of small order', async (point) => {
    const key = republish(ed, { x: encode(Buffer.from(point, 'hex')) })
    await expectSkipped(key, forgeToken(accessHeader(ed), claimsText, smallOrderSigner))
  })

  test('RFC 8725 3.4: a signature without a private key is none of an honest key', async () => {
    const neutral = republish(ed, { x: encode(ED25519_NEUTRAL) })
    const token = forgeToken(accessHeader(ed), claimsText, smallOrderSigner)
    await expectRefused(createForgedApi([neutral]), token, 'issuer_unavailable')
    await expectRefused(api, token, 'invalid_signature')
  })
})

describe('key sets', () => {
  const usages: readonly [what: string, members: Jwk, outcome: 'granted' | 'unknown_key'][] = [
    ['use sig', { use: 'sig' }, 'granted'],
    ['neither use nor key_ops', { use: undefined }, 'granted'],
    ['key_ops verify', { use: undefined, key_ops: ['verify'] }, 'granted'],
    ['use sig and key_ops verify', { key_ops: ['verify'] }, 'granted'],
    ['key_ops sign and verify', { key_ops: ['sign', 'verify'] }, 'granted'],
    ['use enc', { use: 'enc' }, 'unknown_key'],
    ['use SIG', { use: 'SIG' }, 'unknown_key'],
    ['use as an array', { use: ['sig'] }, 'unknown_key'],
    ['use null', { use: null }, 'unknown_key'],
    ['key_ops sign', { key_ops: ['sign'] }, 'unknown_key'],
    ['key_ops encrypt', { use: undefined, key_ops: ['encrypt'] }, 'unknown_key'],
    ['no operation', { key_ops: [] }, 'unknown_key'],
    ['key_ops as a text', { key_ops: 'verify' }, 'unknown_key'],
    ['key_ops as an object', { key_ops: { verify: true } }, 'unknown_key'],
    ['use enc and key_ops verify', { use: 'enc', key_ops: ['verify'] }, 'unknown_key'],
    ['use sig and key_ops encrypt', { use: 'sig', key_ops: ['encrypt'] }, 'unknown_key'],
  ]

  test.each(usages.map(([what, members, outcome]) => [what, outcome, members] as const))(
    'RFC 7517 4.2, 4.3: a token of a key with %s is %s',
    async (_what, outcome, members) => {
      const own = createForgedApi([republish(rsa, members), ec])
      await expectOutcome(own, good, outcome)
      await expectGranted(own, tokenOf(ec, 'ES256'))
    },
  )

  test('RFC 7517 4.3: skips a key whose key_ops say something twice', async () => {
    await expectSkipped(republish(rsa, { key_ops: ['verify', 'verify'] }), good)
  })

  const algorithms: readonly [what: string, members: Jwk][] = [
    ['of another kind of key', { alg: 'ES256' }],
    ['for encryption', { alg: 'RSA-OAEP' }],
    ['that is unknown', { alg: 'RS257' }],
    ['in small letters', { alg: 'rs256' }],
    ['that is symmetric', { alg: 'HS256' }],
    ['that is none', { alg: 'none' }],
    ['that is no text', { alg: ['RS256'] }],
    ['that is null', { alg: null }],
  ]

  test.each(algorithms)('RFC 7517 4.4: skips a key with an alg %s', async (_what, members) => {
    await expectSkipped(republish(rsa, members), good)
  })

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'])(
    'RFC 7517 9.2: skips a key published with its private "%s"',
    async (member) => {
      const secret = rsa.privateKey.export({ format: 'jwk' }) as Jwk
      await expectSkipped(republish(rsa, { [member]: secret[member] ?? [] }), good)
    },
  )

  test('RFC 7517 9.2: skips EC and OKP keys published with their private parts', async () => {
    for (const [key, other] of [
      [ec, rsa],
      [ed, rsa],
    ] as const) {
      const secret = key.privateKey.export({ format: 'jwk' }) as Jwk
      const own = createForgedApi([republish(key, { d: secret['d'] }), other])
      await expectRefused(own, tokenOf(key, String(key.jwk['alg'])), 'unknown_key')
      await expectGranted(own, good)
    }
  })

  const strange: readonly [what: string, member: unknown][] = [
    ['null', null],
    ['a number', 1],
    ['a text', 'key'],
    ['an array', []],
    ['an empty object', {}],
    ['an unknown kty', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA', kid: 'rsa' }],
    ['a kty in small letters', { ...rsa.jwk, kty: 'rsa' }],
    ['a kty named like a built-in', { kty: 'constructor' }],
    ['a symmetric key', { kty: 'oct', k: encode(Buffer.alloc(32)), kid: 'rsa', alg: 'HS256' }],
    ['a kid that is a number', { ...rsa.jwk, kid: 1 }],
    ['a kid that is empty', { ...rsa.jwk, kid: '' }],
    ['a kid of 300 letters', { ...rsa.jwk, kid: 'k'.repeat(300) }],
    ['an RSA key without its material', { kty: 'RSA', kid: 'rsa', alg: 'RS256' }],
  ]

  test.each(strange)('RFC 7517 5: %s beside a good key does no harm', async (_what, member) => {
    await expectGranted(createForgedApi([member, rsa]), good)
    await expectRefused(createForgedApi([member]), good, 'issuer_unavailable')
  })

  test('RFC 7517 4.6-4.9: unknown members and certificates of a key are ignored', async () => {
    const decorated = republish(rsa, {
      x: 1,
      x5c: ['AAAA'],
      x5t: 'AAAA',
      x5u: 'https://evil.example',
      ext: true,
      nbf: 1,
    })
    const own = createForgedApi([decorated])
    await expectGranted(own, good)
    expect(own.endpoint.requests).toEqual([`${ISSUER}/.well-known/openid-configuration`, own.endpoint.jwksUri])
  })

  test('RFC 7517 4.5: a key published twice under one name counts once, under two names twice', async () => {
    await expectGranted(createForgedApi([rsa, rsa]), good)
    const second = republish(rsa, { kid: 'other' })
    const own = createForgedApi([rsa, second])
    await expectGranted(own, good)
    await expectGranted(own, forgeToken(accessHeader(rsa, { kid: 'other' }), claimsText, rs256))
  })

  test('RFC 7517 4.5: of two different keys of one name and algorithm none is tried', async () => {
    const twin = createKey('RSA', { kid: 'rsa' })
    const own = createForgedApi([rsa, twin, ec])
    await expectRefused(own, good, 'unknown_key')
    await expectRefused(own, tokenOf(twin, 'RS256'), 'unknown_key')
    await expectGranted(own, tokenOf(ec, 'ES256'))
  })

  const key = JSON.stringify(rsa.jwk)
  const documents: readonly [what: string, text: string, outcome: 'granted' | 'issuer_unavailable'][] = [
    ['keys', `{"keys":[${key}]}`, 'granted'],
    ['keys beside unknown members', `{"x":{"keys":[]},"keys":[${key}],"y":1}`, 'granted'],
    ['an empty list', '{"keys":[]}', 'issuer_unavailable'],
    ['no keys', '{}', 'issuer_unavailable'],
    ['keys as an object', `{"keys":{"0":${key}}}`, 'issuer_unavailable'],
    ['keys as null', '{"keys":null}', 'issuer_unavailable'],
    ['a list alone', `[${key}]`, 'issuer_unavailable'],
    ['one key alone', key, 'issuer_unavailable'],
    ['keys twice', `{"keys":[],"keys":[${key}]}`, 'issuer_unavailable'],
    ['a member of a key twice', `{"keys":[${key.replace('"kty"', '"kid":"x","kty"')}]}`, 'issuer_unavailable'],
    ['keys in capitals', `{"KEYS":[${key}]}`, 'issuer_unavailable'],
    ['something behind it', `{"keys":[${key}]}x`, 'issuer_unavailable'],
    ['HTML', '<html></html>', 'issuer_unavailable'],
    ['nothing', '', 'issuer_unavailable'],
  ]

  test.each(documents.map(([what, text, outcome]) => [what, outcome, text] as const))(
    'RFC 7517 5: a set with %s: %s',
    async (_what, outcome, text) => {
      const own = createForgedApi([])
      const headers = { 'content-type': 'application/jwk-set+json' }
      own.endpoint.answerWith(() => new Response(text, { headers }))
      await expectOutcome(own, good, outcome)
    },
  )

  const options = (keys: readonly Jwk[]): RequireAuthOptions => ({
    issuer: ISSUER,
    audience: AUDIENCE,
    clock: () => NOW * 1000,
    jwks: { keys },
  })
  const unusable: readonly [what: string, jwk: Jwk][] = [
    ['a key of 1024 bits', createKey('RSA', { modulusLength: 1024 }).jwk],
    ['e = 1', republish(rsa, { e: 'AQ' }).jwk],
    ['an even e', republish(rsa, { e: 'AQAC' }).jwk],
    ['use enc', republish(rsa, { use: 'enc' }).jwk],
    ['key_ops sign', republish(rsa, { key_ops: ['sign'] }).jwk],
    ['alg of another kind', republish(rsa, { alg: 'ES256' }).jwk],
    ['X25519', createKey('X25519').jwk],
    ['a point of small order', republish(ed, { x: encode(ED25519_NEUTRAL) }).jwk],
    ['a short coordinate', republish(ec, { x: 'AAAA' }).jwk],
    ['a secret', { kty: 'oct', k: encode(Buffer.alloc(32)) }],
  ]

  test.each(unusable)(
    'RFC 7517 5: configured keys of which none is usable are an error at start-up: %s',
    async (_what, jwk) => {
      expect(() => createApi(options([jwk]))).toThrow(ConfigurationError)
      await expectGranted(createApi(options([jwk, rsa.jwk])), good)
    },
  )

  test('RFC 7517 9.2: a private key in the configuration is an error at start-up, also beside good ones', async () => {
    const secret = rsa.privateKey.export({ format: 'jwk' }) as Jwk
    expect(() => createApi(options([{ ...secret, kid: 'rsa' }]))).toThrow(ConfigurationError)
    expect(() => createApi(options([ec.jwk, { ...secret, kid: 'rsa' }]))).toThrow(ConfigurationError)
    await expectGranted(createApi(options([ec.jwk, rsa.jwk])), good)
  })

  test('RFC 7517 5: configured keys are copied, and what changes later changes nothing', async () => {
    const keys: Jwk[] = [{ ...rsa.jwk }]
    const own = createApi(options(keys))
    keys[0] = createKey('RSA', { kid: 'rsa' }).jwk
    keys.push(ec.jwk)
    await expectGranted(own, good)
    await expectRefused(own, tokenOf(ec, 'ES256'), 'unknown_key')
  })
})

import { readJwk } from '../../../src/issuers/jwk-rules.js'

type Members = Readonly<Record<string, unknown>>

const ISSUER = 'https://login.example.com'

const bytes = (length: number, first = 0xff, last = 0xff): string => {
  const all = Buffer.alloc(length, 0xff)
  all[0] = first
  all[length - 1] = last
  return all.toString('base64url')
}
const hex = (text: string): string => Buffer.from(text, 'hex').toString('base64url')

const RSA = { kty: 'RSA', n: bytes(256), e: 'AQAB' }
const EC = { kty: 'EC', crv: 'P-256', x: bytes(32), y: bytes(32) }
const OKP = { kty: 'OKP', crv: 'Ed25519', x: bytes(32, 0x11, 0x22) }
const OCT = { kty: 'oct', k: bytes(32) }

/** Why a key is refused; undefined when it is taken. */
const problemOf = (read: ReturnType<typeof readJwk>) => (typeof read === 'string' ? read : undefined)
const fetched = (jwk: unknown, issuer = ISSUER) => problemOf(readJwk(jwk, { source: 'fetched', issuer }))
const configured = (jwk: unknown) => problemOf(readJwk(jwk, { source: 'configuration', issuer: ISSUER }))

describe('readJwk', () => {
  test.each<[string, Members]>([
    ['RSA of 2048 bits', RSA],
    ['RSA of 8192 bits', { ...RSA, n: bytes(1024) }],
    ['RSA with another odd exponent', { ...RSA, e: hex('010003') }],
    ['EC P-256', EC],
    ['EC P-384', { ...EC, crv: 'P-384', x: bytes(48), y: bytes(48) }],
    ['EC P-521', { ...EC, crv: 'P-521', x: bytes(66, 0), y: bytes(66, 1) }],
    ['Ed25519', OKP],
    ['use: sig', { ...RSA, use: 'sig' }],
    ['key_ops: verify', { ...RSA, key_ops: ['verify'] }],
    ['key_ops: verify beside another', { ...RSA, key_ops: ['sign', 'verify'] }],
    ['a kid of 256 characters', { ...RSA, kid: 'k'.repeat(256) }],
    ['certificates and members of its own', { ...RSA, x5c: ['MII'], x5t: 'a', alg: 'RS256', custom: {} }],
  ])('takes %s', (_name, jwk) => {
    expect(fetched(jwk)).toBeUndefined()
    expect(configured(jwk)).toBeUndefined()
  })

  // UAA, OpenAM, Gluu, Jenkins and Firebase write a zero octet in front of "n", NetIQ writes base64; Keycloak before 20 left
  // leading zeros of coordinates out (keycloak#14933), Gluu writes one too many (oxAuth#1595).
  const base64 = (text: string): string => Buffer.from(text, 'base64url').toString('base64')
  const octets = (text: string): string => Buffer.from(text, 'base64url').toString('hex')
  const SHORT = { ...EC, x: bytes(32, 0), y: bytes(32, 0, 1) }
  const without = (text: string): string => hex(octets(text).replace(/^(?:00)+/, ''))

  test.each<[string, Members, Members]>([
    ['n behind a zero octet', { ...RSA, n: bytes(257, 0) }, RSA],
    ['n behind several zero octets', { ...RSA, n: hex(`000000${octets(RSA.n)}`) }, RSA],
    ['e behind a zero octet', { ...RSA, e: hex('00010001') }, RSA],
    ['n in base64', { ...RSA, n: base64(RSA.n) }, RSA],
    ['n in base64 without padding', { ...RSA, n: base64(RSA.n).replace(/=+$/, '') }, RSA],
    ['n in base64url with padding', { ...RSA, n: `${RSA.n}==` }, RSA],
    ['n and e in base64 behind zero octets', { ...RSA, n: base64(bytes(257, 0)), e: 'AAEAAQ==' }, RSA],
    ['coordinates behind a zero octet', { ...EC, x: hex(`00${octets(EC.x)}`), y: hex(`00${octets(EC.y)}`) }, EC],
    ['coordinates without their zero octets', { ...SHORT, x: without(SHORT.x), y: without(SHORT.y) }, SHORT],
    ['coordinates in base64', { ...EC, x: base64(EC.x), y: base64(EC.y) }, EC],
    ['an Ed25519 point in base64', { ...OKP, x: base64(OKP.x) }, OKP],
  ])('reads %s as the same key (RFC 7518 section 2)', (_name, jwk, same) => {
    const origin = { source: 'fetched', issuer: ISSUER } as const
    expect(readJwk(jwk, origin)).toEqual(same)
    expect(readJwk(same, origin)).toEqual(same)
  })

  test('does not take an Ed25519 point for a number: 32 octets, no more and no fewer (RFC 8037 section 2)', () => {
    const zero = bytes(32, 0, 0x22)
    expect(fetched({ ...OKP, x: zero })).toBeUndefined()
    expect(fetched({ ...OKP, x: without(zero) })).toBe('"x" is malformed')
    expect(fetched({ ...OKP, x: hex(`00${octets(OKP.x)}`) })).toBe('"x" is malformed')
  })

  test('takes a secret from configuration only (RFC 8725 section 3.1)', () => {
    expect(configured(OCT)).toBeUndefined()
    expect(configured({ ...OCT, k: bytes(64) })).toBeUndefined()
    expect(fetched(OCT)).toBe(
      'it is a shared secret, and whoever verifies with one can make tokens too: have the issuer sign with an asymmetric key (ES256, RS256)',
    )
  })

  const NO_K = '"k" is not the secret in base64url: Buffer.from(secret).toString("base64url")'

  test.each<[string, Members, string]>([
    ['no "k"', { k: undefined }, NO_K],
    ['padded "k"', { k: `${bytes(32)}=` }, NO_K],
    ['a secret as it is written', { k: 'super+secret/with-32-characters==' }, NO_K],
  ])('refuses a configured secret with %s', (_name, members, problem) => {
    expect(configured({ ...OCT, ...members })).toBe(problem)
  })

  const N_OR_E = '"n" or "e" is malformed'
  const LENGTH = 'its modulus is shorter than 2048 or longer than 8192 bits'
  const EXPONENT = 'its exponent is not an odd number from 65537 to 2^32'
  const KID = '"kid" is not a text of 1 to 256 characters'

  test.each<[string, unknown, string]>([
    // RFC 7517 section 4
    ['null', null, 'it is not an object'],
    ['a text', 'key', 'it is not an object'],
    ['an array', [RSA], 'it is not an object'],
    ['an unknown kty', { ...RSA, kty: 'AKP' }, '"kty" is unknown'],
    ['no kty', { ...RSA, kty: undefined }, '"kty" is unknown'],
    ['kty in small letters', { ...RSA, kty: 'rsa' }, '"kty" is unknown'],
    ['an inherited kty', Object.create(RSA), '"kty" is unknown'],
    ['a kid that is a number', { ...RSA, kid: 1 }, KID],
    ['an empty kid', { ...RSA, kid: '' }, KID],
    ['a kid of 257 characters', { ...RSA, kid: 'k'.repeat(257) }, KID],
    ['use: enc', { ...RSA, use: 'enc' }, '"use" is not "sig"'],
    ['use: null', { ...RSA, use: null }, '"use" is not "sig"'],
    ['key_ops without verify', { ...RSA, key_ops: ['encrypt'] }, '"key_ops" lacks "verify"'],
    ['empty key_ops', { ...RSA, key_ops: [] }, '"key_ops" lacks "verify"'],
    ['key_ops as a text', { ...RSA, key_ops: 'verify' }, '"key_ops" is malformed'],
    ['key_ops twice the same', { ...RSA, key_ops: ['verify', 'verify'] }, '"key_ops" is malformed'],
    // RFC 7518 section 6.3, section 3.3
    ['RSA of 2047 bits', { ...RSA, n: bytes(256, 0x7f) }, LENGTH],
    ['RSA of 1024 bits', { ...RSA, n: bytes(128) }, LENGTH],
    ['RSA beyond 8192 bits', { ...RSA, n: bytes(1025, 1) }, LENGTH],
    ['an even modulus', { ...RSA, n: bytes(256, 0xff, 0xfe) }, 'its modulus is even'],
    ['e = 1', { ...RSA, e: 'AQ' }, EXPONENT],
    ['e = 3', { ...RSA, e: 'Aw' }, EXPONENT],
    ['e = 65535', { ...RSA, e: hex('ffff') }, EXPONENT],
    ['e = 65538', { ...RSA, e: hex('010002') }, EXPONENT],
    ['e of five octets', { ...RSA, e: hex('0100000001') }, EXPONENT],
    ['no n', { ...RSA, n: undefined }, N_OR_E],
    ['no e', { ...RSA, e: undefined }, N_OR_E],
    ['n = 0', { ...RSA, n: 'AA' }, LENGTH],
    ['RSA of 2047 bits behind a zero octet', { ...RSA, n: hex(`007f${'ff'.repeat(255)}`) }, LENGTH],
    ['e = 0', { ...RSA, e: 'AA' }, EXPONENT],
    ['e = 3 behind zero octets', { ...RSA, e: hex('00000003') }, EXPONENT],
    ['n with a line break', { ...RSA, n: `${bytes(256)}\n` }, N_OR_E],
    ['n with stray bits', { ...RSA, n: `${bytes(256).slice(0, -1)}x` }, N_OR_E],
    ['n with padding that does not belong', { ...RSA, n: `${bytes(258)}=` }, N_OR_E],
    ['n that is padding', { ...RSA, n: '====' }, N_OR_E],
    ['n as a number', { ...RSA, n: 5 }, N_OR_E],
    // RFC 7518 section 6.2: coordinates of full length
    ['secp256k1', { ...EC, crv: 'secp256k1' }, '"crv" is unknown'],
    ['no crv', { ...EC, crv: undefined }, '"crv" is unknown'],
    ['crv: constructor', { ...EC, crv: 'constructor' }, '"crv" is unknown'],
    ['an x of the next larger curve', { ...EC, x: bytes(48) }, '"x" or "y" is malformed'],
    ['an x of 27 octets', { ...EC, x: bytes(27) }, '"x" or "y" is malformed'],
    ['x = 0', { ...EC, x: bytes(32, 0).replaceAll(/./g, 'A') }, '"x" or "y" is malformed'],
    ['coordinates of a smaller curve', { ...EC, crv: 'P-384' }, '"x" or "y" is malformed'],
    ['an empty x', { ...EC, x: '' }, '"x" or "y" is malformed'],
    ['a y that is too long', { ...EC, y: bytes(33) }, '"x" or "y" is malformed'],
    ['no y', { ...EC, y: undefined }, '"x" or "y" is malformed'],
    // RFC 8037 section 2
    ['Ed448', { ...OKP, crv: 'Ed448', x: bytes(57) }, '"crv" is not "Ed25519"'],
    ['X25519', { ...OKP, crv: 'X25519' }, '"crv" is not "Ed25519"'],
    ['an Ed25519 x that is too short', { ...OKP, x: bytes(31) }, '"x" is malformed'],
    ['no x', { ...OKP, x: undefined }, '"x" is malformed'],
  ])('refuses %s', (_name, jwk, problem) => {
    expect(fetched(jwk)).toBe(problem)
    expect(configured(jwk)).toBe(problem)
  })

  // RFC 7517 section 9.2, RFC 7518 sections 6.2.2 and 6.3.2
  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'])('refuses a key with the private member %s', (member) => {
    for (const jwk of [RSA, EC, OKP]) {
      expect(fetched({ ...jwk, [member]: 'AQAB' })).toBe('it is a private key')
      expect(configured({ ...jwk, [member]: null })).toBe('it is a private key')
    }
  })

  // RFC 8032 section 5.1.7 leaves these to the verifier; with them a signature needs no private key.
  test.each([
    ['the neutral point', `01${'00'.repeat(31)}`],
    ['y = 0', '00'.repeat(32)],
    ['y = -1', `ec${'ff'.repeat(30)}7f`],
    ['y = p, another spelling of 0', `ed${'ff'.repeat(30)}7f`],
    ['y = p + 1, another spelling of 1', `ee${'ff'.repeat(30)}7f`],
    ['a point of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['the other point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ])('refuses the Ed25519 key %s, with either sign', (_name, point) => {
    const signed = Buffer.from(point, 'hex')
    signed[31] = (signed[31] ?? 0) | 0x80
    expect(fetched({ ...OKP, x: hex(point) })).toBe('its point has a small order')
    expect(fetched({ ...OKP, x: signed.toString('base64url') })).toBe('its point has a small order')
  })

  // Microsoft Entra marks each key with its issuer
  const TENANT = 'https://login.microsoftonline.com/6f1d3a52-0c1b/v2.0'
  const ANY = 'https://login.microsoftonline.com/{tenantid}/v2.0'

  test.each<[unknown, string]>([
    [undefined, ISSUER],
    [ISSUER, ISSUER],
    [ANY, TENANT],
    [TENANT, TENANT],
  ])('takes a key of the issuer %p for %s', (owner, issuer) => {
    expect(fetched(owner === undefined ? RSA : { ...RSA, issuer: owner }, issuer)).toBeUndefined()
  })

  test.each<[unknown, string]>([
    ['https://other.example.com', ISSUER],
    [`${ISSUER}/`, ISSUER],
    ['https://login.microsoftonline.com/9188040d-6c67/v2.0', TENANT],
    [ANY, 'https://login.microsoftonline.com/a/b/v2.0'],
    [ANY, 'https://login.microsoftonline.com//v2.0'],
    [ANY, 'https://login.microsoftonline.com/v2.0'],
    [ANY, 'https://sts.windows.net/6f1d3a52-0c1b/'],
    // Of the same length, so that a tenant stands where one should.
    ['https://login.microsoftonline.org/{tenantid}/v2.0', TENANT],
    ['https://login.microsoftonline.com/{tenantid}/v1.0', TENANT],
    ['https://login.microsoftonline.com/{tenantid}/v2.0{tenantid}', TENANT],
    ['{tenantid}', TENANT],
    ['https://login.microsoftonline.com/{TENANTID}/v2.0', TENANT],
    ['', ISSUER],
    [5, ISSUER],
    [null, ISSUER],
  ])('refuses a key of the issuer %p for %s', (owner, issuer) => {
    expect(fetched({ ...RSA, issuer: owner }, issuer)).toBe('it belongs to another issuer')
  })
})

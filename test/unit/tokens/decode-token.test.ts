import { decodeToken } from '../../../src/tokens/decode-token.js'
import { encode } from '../../kit/forge.js'

const HEADER = encode({ alg: 'ES256' })
const PAYLOAD = encode({ sub: 'user-1' })
const SIGNATURE = encode('signature')
const GOOD = `${HEADER}.${PAYLOAD}.${SIGNATURE}`

const malformed = (detail: string) => ({ code: 'malformed_token', detail })
const SEGMENTS = malformed('it does not have three segments')
const UNSIGNED = malformed('its signature is empty or not canonical base64url')
const HEAD = malformed('its header is not one strict JSON object in canonical base64url')
const BODY = malformed('its payload is not one strict JSON object in canonical base64url')
const TOO_LARGE = { code: 'token_too_large' }
const HEADER_TOO_LARGE = { code: 'token_too_large', detail: 'the header is over 4 KiB' }

/** A JSON object of so many characters as text, and more as a segment. */
const padded = (length: number): string => `{"a":"${'x'.repeat(length - 8)}"}`
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

test('a compact JWS is its header and its claims (RFC 7515 7.1)', () => {
  const header = { alg: 'ES256', x: { y: [1] } }
  const newHeader = encode(header)
  const decoded = decodeToken(`${newHeader}.${encode({ aud: ['a'] })}.${SIGNATURE}`)
  expect(decoded).toEqual({ header, claims: { aud: ['a'] }, newHeader })
})

test.each<[name: string, token: string, expected: object]>([
  ['nothing', '', SEGMENTS],
  ['one segment', HEADER, SEGMENTS],
  ['two segments', `${HEADER}.${PAYLOAD}`, SEGMENTS],
  ['four segments', `${GOOD}.${SIGNATURE}`, SEGMENTS],
  ['five segments, as of a JWE', `${GOOD}.a.b`, SEGMENTS],
  ['a dot at the end', `${GOOD}.`, SEGMENTS],
  ['a dot in front', `.${GOOD}`, SEGMENTS],
  ['two dots', '..', UNSIGNED],
  ['no signature', `${HEADER}.${PAYLOAD}.`, UNSIGNED],
  ['a padded signature', `${GOOD}=`, UNSIGNED],
  ['a signature with stray bits', `${HEADER}.${PAYLOAD}.AB`, UNSIGNED],
  ['an empty header', `.${PAYLOAD}.${SIGNATURE}`, HEAD],
  ['a header with stray bits', `${HEADER.slice(0, -1)}1.${PAYLOAD}.${SIGNATURE}`, HEAD],
  ['a header that is no JSON', `${encode('{}x')}.${PAYLOAD}.${SIGNATURE}`, HEAD],
  ['a header that is an array', `${encode('[]')}.${PAYLOAD}.${SIGNATURE}`, HEAD],
  ['a header with a member twice', `${encode('{"alg":1,"alg":2}')}.${PAYLOAD}.${SIGNATURE}`, HEAD],
  ['a header five levels deep', `${encode(nested(5))}.${PAYLOAD}.${SIGNATURE}`, HEAD],
  ['an empty payload', `${HEADER}..${SIGNATURE}`, BODY],
  ['a padded payload', `${HEADER}.${encode('{}')}==.${SIGNATURE}`, BODY],
  ['a payload that is null', `${HEADER}.${encode('null')}.${SIGNATURE}`, BODY],
  ['a payload with a member twice', `${HEADER}.${encode('{"sub":1,"sub":2}')}.${SIGNATURE}`, BODY],
  ['a payload 33 levels deep', `${HEADER}.${encode(nested(33))}.${SIGNATURE}`, BODY],
])('%s is no token', (_name, token, expected) => {
  expect(decodeToken(token)).toEqual(expected)
})

test.each<[name: string, header: string, payload: string]>([
  ['a header four levels deep', nested(4), '{}'],
  ['a payload 32 levels deep', '{}', nested(32)],
  ['empty objects', '{}', '{}'],
  ['a header of 4 KiB', padded(3072), '{}'],
])('%s is as much as may be', (_name, header, payload) => {
  expect(decodeToken(`${encode(header)}.${encode(payload)}.${SIGNATURE}`)).toEqual({
    header: JSON.parse(header) as object,
    claims: JSON.parse(payload) as object,
    newHeader: encode(header),
  })
})

test('what is too large is not looked at', () => {
  const rest = `${HEADER}.${PAYLOAD}.`
  const longest = `${rest}${'A'.repeat(16_384 - rest.length - ((16_384 - rest.length) % 4))}`
  expect(decodeToken(longest)).toMatchObject({ claims: { sub: 'user-1' } })
  expect(decodeToken('.'.repeat(16_384))).toEqual(SEGMENTS)
  expect(decodeToken('.'.repeat(16_385))).toEqual(TOO_LARGE)
  expect(decodeToken(`${encode(padded(3075))}.${PAYLOAD}.${SIGNATURE}`)).toEqual(HEADER_TOO_LARGE)
  expect(decodeToken(`${'!'.repeat(4097)}.${PAYLOAD}.${SIGNATURE}`)).toEqual(HEADER_TOO_LARGE)
  expect(decodeToken(`${'!'.repeat(4096)}.${PAYLOAD}.${SIGNATURE}`)).toEqual(HEAD)
})

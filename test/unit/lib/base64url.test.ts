import { isCanonicalBase64Url, readBase64Url } from '../../../src/lib/base64url.js'

// RFC 7515 section 2, RFC 4648 section 3.5
describe('readBase64Url', () => {
  test.each([
    ['AA', [0]],
    ['_w', [255]],
    ['AAA', [0, 0]],
    ['__8', [255, 255]],
    ['AAAA', [0, 0, 0]],
    ['-_-_', [251, 255, 191]],
    ['AQID', [1, 2, 3]],
    ['AQIDBA', [1, 2, 3, 4]],
  ])('reads %s', (text, bytes) => {
    expect(readBase64Url(text)).toEqual(Buffer.from(bytes))
    expect(isCanonicalBase64Url(text)).toBe(true)
  })

  test.each([
    ['the empty text', ''],
    ['padding', 'AA=='],
    ['padding by one', 'AAA='],
    ['the plus of base64', '+AAA'],
    ['the slash of base64', '/AAA'],
    ['a space', 'AA AA'],
    ['a space at the end', 'AAAA '],
    ['a line feed at the end', 'AAAA\n'],
    ['a dot', 'AA.A'],
    ['a lone character', 'A'],
    ['a lone character behind a group', 'AAAAA'],
    ['stray bits behind one byte', 'AB'],
    ['stray bits behind one byte, the highest', 'A-'],
    ['stray bits behind two bytes', 'AAB'],
    ['stray bits behind two bytes, the highest', 'AA_'],
    ['a letter beyond ASCII', 'AA\u00e9A'],
    ['NUL', 'AAA\0'],
  ])('refuses %s', (_name, text) => {
    expect(readBase64Url(text)).toBeUndefined()
    expect(isCanonicalBase64Url(text)).toBe(false)
  })

  test('knows exactly one text for every byte string of one and of two bytes', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
    const pairs = alphabet.flatMap((a) => alphabet.map((b) => a + b))
    const accepted = pairs.filter(isCanonicalBase64Url)
    expect(accepted).toHaveLength(256)
    expect(accepted.every((text) => readBase64Url(text)?.toString('base64url') === text)).toBe(true)
    const endings = pairs.map((pair) => `A${pair}`).filter(isCanonicalBase64Url)
    expect(endings).toHaveLength(64 * 16)
    expect(endings.every((text) => readBase64Url(text)?.toString('base64url') === text)).toBe(true)
  })
})

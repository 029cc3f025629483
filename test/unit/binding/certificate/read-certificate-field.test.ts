import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import {
  certificateFormats,
  readCertificateField,
  type CertificateFormat,
} from '../../../../src/binding/certificate/read-certificate-field.js'
import { thumbprintOf } from '../../../../src/binding/certificate/thumbprint.js'

// Nothing reads what is in a certificate: its thumbprint is that of its octets.
const der = randomBytes(700)
const foreign = randomBytes(650)
const thumbprint = createHash('sha256').update(der).digest('base64url')
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const base64 = (bytes: Buffer): string => bytes.toString('base64')
const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${base64(bytes).replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
/** As the load balancer of AWS does, with these characters as they are. */
const aws = (text: string): string =>
  encodeURIComponent(text).replaceAll('%2B', '+').replaceAll('%3D', '=').replaceAll('%2F', '/')
const escaped = encodeURIComponent(pem(der))

const good: readonly [CertificateFormat, string, string][] = [
  ['rfc9440', 'RFC 9440 2.2', `:${base64(der)}:`],
  ['pem', 'nginx', escaped],
  ['pem', 'AWS, of the leaf', aws(pem(der))],
  ['pem', 'AWS, of a chain', aws(pem(der) + pem(foreign))],
  ['pem', 'with CR and LF', encodeURIComponent(pem(der).replaceAll('\n', '\r\n'))],
  ['base64', 'HAProxy and Azure', base64(der)],
  ['base64-chain', 'Traefik, of one', base64(der)],
  ['base64-chain', 'Traefik, of a chain', `${base64(der)},${base64(foreign)}`],
  ['xfcc', 'Envoy, by the hash', `By=spiffe://a/b;Hash=${hash(der)};Subject="CN=a,O=\\"b\\"";URI=spiffe://c?d=e`],
  [
    'xfcc',
    'Envoy, with the certificate',
    `Hash=${hash(der)};Cert="${escaped}";Chain="${encodeURIComponent(pem(foreign))}"`,
  ],
]

const bad: readonly [CertificateFormat, string, string][] = [
  ['rfc9440', 'without colons', base64(der)],
  ['rfc9440', 'with a parameter', `:${base64(der)}:;a=1`],
  ['rfc9440', 'a list', `:${base64(der)}:, :${base64(foreign)}:`],
  ['rfc9440', 'in base64url', `:${der.toString('base64url')}_:`],
  ['rfc9440', 'empty octets', '::'],
  ['pem', 'two values in one field', `${escaped}, ${encodeURIComponent(pem(foreign))}`],
  ['pem', 'cut', escaped.slice(0, -10)],
  ['pem', 'malformed escapes', `${escaped}%`],
  ['pem', 'another kind', escaped.replaceAll('CERTIFICATE', 'PUBLIC%20KEY')],
  ['pem', 'something before it', `a${escaped}`],
  ['pem', 'a fingerprint', hash(der)],
  ['base64', 'two values', `${base64(der)}, ${base64(foreign)}`],
  ['base64', 'without its padding', base64(Buffer.alloc(4)).replaceAll('=', '')],
  ['base64', 'with white space', `${base64(der).slice(0, 40)} ${base64(der).slice(40)}`],
  ['base64-chain', 'one of them malformed', `${base64(der)},*`],
  ['base64-chain', 'two fields that were joined', `${base64(der)}, ${base64(foreign)}`],
  ['xfcc', 'two elements, the first of a client', `Hash=${hash(der)},Hash=${hash(foreign)}`],
  ['xfcc', 'two elements, the last of a client', `Hash=${hash(foreign)},Hash=${hash(der)}`],
  ['xfcc', 'two hashes', `Hash=${hash(der)};Hash=${hash(foreign)}`],
  ['xfcc', 'a hash in quotes of another', `Subject="Hash=${hash(der)}"`],
  ['xfcc', 'a certificate that is not of the hash', `Hash=${hash(der)};Cert="${encodeURIComponent(pem(foreign))}"`],
  ['xfcc', 'a certificate without a hash', `Cert="${escaped}"`],
  ['xfcc', 'a hash by SHA-1', `Hash=${hash(der).slice(0, 40)}`],
  ['xfcc', 'quotes that do not end', `Hash=${hash(der)};Subject="a`],
  ['xfcc', 'something behind quotes', `Subject="a"b;Hash=${hash(der)}`],
]

describe('the field in which a proxy writes a certificate', () => {
  test.each(good)('%s, %s: the thumbprint', (format, _what, value) => {
    expect(readCertificateField(value, format)).toBe(thumbprint)
    expect(readCertificateField(`${value} `, format)).toBe(thumbprint)
  })

  test.each(bad)('%s, %s: refused, and nothing of it is told', (format, _what, value) => {
    const found = readCertificateField(value, format)
    expect(found).toMatchObject({ code: 'certificate_binding_mismatch' })
    expect(JSON.stringify(found)).not.toContain(base64(der).slice(0, 12))
  })

  test.each(certificateFormats)('%s: empty is none, and what is too long is not read', (format) => {
    expect(readCertificateField(' ', format)).toMatchObject({ detail: expect.stringContaining('is empty') as unknown })
    const started = performance.now()
    for (const one of ['a', '"', '%', ':', 'Hash=', '\\', '-----END CERTIFICATE-----']) {
      const long = readCertificateField(one.repeat(100_000), format)
      expect(long).toMatchObject({ detail: expect.stringContaining('is longer') as unknown })
    }
    expect(performance.now() - started).toBeLessThan(100)
  })

  test('whatever is in it, it neither throws nor takes long', () => {
    const pieces = fc.constantFrom(
      ':',
      '"',
      '\\',
      ';',
      ',',
      '=',
      '%',
      '%0A',
      'Hash=',
      'Cert="',
      hash(der),
      base64(der).slice(0, 64),
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      ' ',
      '\n',
    )
    const values = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(values, fc.constantFrom(...certificateFormats), (value, format) => {
        const found = readCertificateField(value, format)
        if (typeof found === 'string') expect(found).toMatch(/^[\w-]{43}$/)
        else expect(found.code).toBe('certificate_binding_mismatch')
      }),
      { numRuns: 2000 },
    )
    for (const hostile of ['Hash="\\', 'a=;', 'Subject="', '"\\"', '-----BEGIN CERTIFICATE-----\n'])
      for (const format of certificateFormats) {
        const started = performance.now()
        readCertificateField(hostile.repeat(Math.floor(60_000 / hostile.length)), format)
        expect(performance.now() - started).toBeLessThan(250)
      }
  })

  test('RFC 8705 A: the certificate of the example has the thumbprint of the example', () => {
    const example =
      'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY='
    expect(thumbprintOf(Buffer.from(example, 'base64'))).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
  })
})

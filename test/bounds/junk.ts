import { encode } from '../kit/forge.js'

/** The longest value of an `Authorization` header that Node's default limit lets through. */
const LENGTH = 16 * 1024 - 200

const SIGNATURE = 'A'.repeat(342)
const HEADER = encode({ alg: 'RS256', kid: 'k1', typ: 'at+jwt' })

/** Repeats a piece until the text is as long as may be. */
const fill = (length: number, piece: (n: number) => string, between = ','): string => {
  const pieces: string[] = []
  let size = 0
  for (let n = 0; size < length; n++) {
    const next = piece(n)
    size += next.length + between.length
    if (size < length) pieces.push(next)
  }
  return pieces.join(between)
}
const BODY = Math.floor((LENGTH - HEADER.length - SIGNATURE.length - 10) * 0.75) - 60

const token = (header: string, payload: string): string => `Bearer ${header}.${payload}.${SIGNATURE}`
const claims = (member: string): string =>
  token(HEADER, encode(`{"iss":"https://nobody.example","exp":4102444800,${member}}`))
const header = (member: string): string =>
  token(encode(`{"alg":"RS256","kid":"k1",${member}}`), encode({ iss: 'https://nobody.example', exp: 4_102_444_800 }))
const list = (piece: (n: number) => string): string => claims(`"x":[${fill(BODY, piece)}]`)
const name = (n: number): string => n.toString(36)

/** A token that is refused every day: 1 KB, of another issuer. */
export const usual = token(
  HEADER,
  encode({ iss: 'https://nobody.example', exp: 4_102_444_800, sub: 'user', pad: 'x'.repeat(400) }),
)

/** Values of an `Authorization` header that somebody sends who wants us to work. */
export const junk: Readonly<Record<string, string>> = {
  'empty objects': list(() => '{}'),
  'objects of one member': list(() => '{"a":1}'),
  'objects of one member, each of another name': list((n) => `{"${name(n)}":1}`),
  'objects of three members, each of another name': list((n) => `{"${name(n)}":1,"b${name(n)}":2,"c${name(n)}":3}`),
  'empty arrays': list(() => '[]'),
  'members in one object': claims(fill(BODY, (n) => `"${name(n)}":0`)),
  'members that are numbers': claims(fill(BODY, (n) => `"${String(n * 7)}":0`)),
  'duplicate members': claims(fill(BODY, () => '"a":0')),
  'arrays in arrays': claims(`"x":${'['.repeat(BODY / 2)}${']'.repeat(BODY / 2)}`),
  'objects in objects': claims(`"x":${'{"a":'.repeat(BODY / 6)}1${'}'.repeat(BODY / 6)}`),
  'nothing but openings': claims(`"x":${'['.repeat(BODY)}`),
  'short texts': list(() => '""'),
  'texts of their own': list((n) => `"${name(n)}"`),
  'group names': list((n) => `"group-${String(n)}"`),
  'one long text': claims(`"x":"${'x'.repeat(BODY)}"`),
  escapes: claims(`"x":"${String.raw`\u0041`.repeat(BODY / 6)}"`),
  'escaped texts': list(() => String.raw`"\u0041"`),
  'escaped names': claims(fill(BODY, (n) => String.raw`"\u0041${name(n)}":0`)),
  'surrogate pairs': claims(`"x":"${String.raw`\ud83d\ude00`.repeat(BODY / 12)}"`),
  'half a surrogate pair': claims(`"x":"${String.raw`\ud83d`.repeat(BODY / 6)}"`),
  'letters of four bytes': claims(`"x":"${'\u{1f600}'.repeat(BODY / 4)}"`),
  'short numbers': list(() => '1'),
  'long numbers': list((n) => `1.797693134862315${String(n)}e+300`),
  'numbers between two doubles': list((n) => `900719925474099${String(3 + 2 * n)}.00000000000000000001`),
  'numbers with small exponents': list((n) => `4.94065645841246544${String(n)}e-324`),
  'numbers of 40 digits': list((n) => `${'9'.repeat(36)}${String(n)}`),
  'one number of 12,000 digits': claims(`"x":${'9'.repeat(BODY)}`),
  'a big exponent': claims(`"x":1e${'9'.repeat(BODY)}`),
  literals: list(() => 'true'),
  'white space': claims(`"x":1${' '.repeat(BODY)}`),
  'JSON that breaks at its end': claims(`"x":[${fill(BODY - 5, (n) => `"${name(n)}"`)},`),
  'broken UTF-8 at the end': token(
    HEADER,
    encode(Buffer.concat([Buffer.from(`{"x":"${'x'.repeat(BODY)}`), Buffer.from([0xff])])),
  ),
  // As many as may be.
  'empty arrays, up to the limit': claims(`"x":[${Array(766).fill('[]').join()}]`),
  'objects of one member, up to the limit': claims(
    `"x":[${Array.from({ length: 765 }, (_, n) => `{"${name(n)}":1}`).join()}]`,
  ),
  'escaped names, up to the limit': claims(
    Array.from({ length: 765 }, (_, n) => String.raw`"\u0041${name(n)}":0`).join(),
  ),
  'members, up to the limit': claims(Array.from({ length: 765 }, (_, n) => `"${name(n)}":{}`).join()),
  'texts, up to the limit': claims(`"x":[${Array.from({ length: 2046 }, (_, n) => `"${name(n)}"`).join()}]`),
  'numbers, up to the limit': claims(
    `"x":[${Array.from({ length: 480 }, (_, n) => `1.797693134862315${String(n)}e+300`).join()}]`,
  ),
  'a huge kid': header(`"k":"${'k'.repeat(2800)}"`),
  'objects in the header': header(`"x":[${fill(2900, (n) => `{"${name(n)}":1}`)}]`),
  'a header over its limit': header(`"x":"${'x'.repeat(BODY - 200)}"`),
  'five segments': `Bearer ${HEADER}.${'A'.repeat(4000)}.${'A'.repeat(4000)}.${'A'.repeat(4000)}.AAAA`,
  dots: `Bearer ${'.'.repeat(LENGTH - 10)}`,
  'two dots at the end': `Bearer ${'A'.repeat(LENGTH - 12)}..`,
  'base64url but for its last letter': token(HEADER, `${'A'.repeat(BODY)}*`),
  'a long signature': `Bearer ${HEADER}.${encode('{"iss":"https://nobody.example"}')}.${'A'.repeat(12_000)}`,
  'no token68': `Bearer ${'|'.repeat(LENGTH - 10)}`,
  'spaces behind the scheme': `Bearer ${' '.repeat(LENGTH - 10)}`,
  'spaces, and something behind': `Bearer a${' '.repeat(LENGTH - 20)}b`,
  'a long scheme': 'B'.repeat(LENGTH),
  commas: `Basic ${','.repeat(LENGTH - 10)}`,
  'commas and spaces': `Basic ${', '.repeat(LENGTH / 2 - 10)}`,
  'a comma and spaces': `Basic ,${' '.repeat(LENGTH - 10)}`,
  quotes: `Basic ${'"'.repeat(LENGTH - 10)}`,
  'quoted texts': `Basic ${'"a",'.repeat(LENGTH / 4 - 10)}`,
  'an open quote behind quoted texts': `Basic "${'a"'.repeat(LENGTH / 2 - 10)}`,
  'lists that are almost one': `Basic ${', bearer'.repeat(LENGTH / 8 - 10)}`,
}

import { decodePercent } from './decode-percent.js'
import { readPem } from './read-pem.js'
import { thumbprintOf } from './thumbprint.js'

/** A key and its value: bare, or in quotes with backslashes before what would end it. Sticky, so that nothing is skipped. */
const PAIR = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;=]*(?:=[^",;]*)?))(;|,|$)/y
const SHA256_HEX = /^[0-9a-f]{64}$/i

/** Why a field of Envoy's cannot be gone by. */
export interface XfccProblem {
  readonly problem: string
}

/**
 * Reads the thumbprint out of Envoy's `x-forwarded-client-cert`: one element with one `Hash`, which Envoy always writes. A
 * `Cert` beside it must be the certificate of that hash.
 *
 * Several elements are refused. The first one may be the client's own, the last that of another proxy; and since Envoy writes
 * names out of a certificate without quotes, a client may have made the second one itself.
 *
 * @see {@link https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert}
 */
export function readXfcc(value: string): string | XfccProblem {
  const pairs: (readonly [key: string, value: string])[] = []
  PAIR.lastIndex = 0
  for (let end = ';'; end !== '';) {
    const match = PAIR.exec(value)
    if (match === null) return { problem: 'it is malformed' }
    const [, key = '', quoted, bare = '', separator = ''] = match
    pairs.push([key.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? bare])
    if (separator === ',')
      return {
        problem:
          'it has several elements: have the first proxy set it anew (SANITIZE_SET), and those behind it leave it alone (FORWARD_ONLY)',
      }
    end = separator
  }
  return judge(pairs)
}

type Pairs = readonly (readonly [key: string, value: string])[]

function judge(pairs: Pairs): string | XfccProblem {
  const [hash, ...more] = valuesOf(pairs, 'hash')
  if (hash === undefined || more.length > 0 || !SHA256_HEX.test(hash))
    return { problem: 'it has not one "Hash" of SHA-256' }
  const thumbprint = Buffer.from(hash, 'hex').toString('base64url')
  const agrees = valuesOf(pairs, 'cert').every((cert) => {
    const der = readPem(decodePercent(cert) ?? '')
    return der !== undefined && thumbprintOf(der) === thumbprint
  })
  return agrees ? thumbprint : { problem: 'its "Cert" is not the certificate of its "Hash"' }
}

function valuesOf(pairs: Pairs, wanted: string): readonly string[] {
  return pairs.filter(([key]) => key === wanted).map(([, value]) => value)
}

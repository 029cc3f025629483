import type { Failure } from '../../errors.js'
import { readBase64 } from '../../lib/base64.js'
import { decodePercent } from './decode-percent.js'
import { readPem } from './read-pem.js'
import { readXfcc } from './read-xfcc.js'
import { thumbprintOf } from './thumbprint.js'

/** How proxies write the certificate of their client. */
export const certificateFormats = ['rfc9440', 'pem', 'base64', 'base64-chain', 'xfcc'] as const

/** One of these ways. */
export type CertificateFormat = (typeof certificateFormats)[number]

/** More than any proxy sends: of a chain the first certificate counts, and they hold some thousand bytes each. */
const MAX_LENGTH = 64 * 1024

/** Finds the certificate, in DER. */
const readers: Readonly<Record<Exclude<CertificateFormat, 'xfcc'>, (value: string) => Buffer | undefined>> = {
  // RFC 9440 §2.1: a byte sequence of RFC 8941 §3.3.5, without parameters.
  rfc9440: (value) => (/^:[^:]*:$/.test(value) ? readBase64(value.slice(1, -1)) : undefined),
  pem: (value) => readPem(decodePercent(value) ?? ''),
  base64: readBase64,
  'base64-chain': (value) => {
    const chain = value.split(',').map(readBase64)
    return chain.includes(undefined) ? undefined : chain[0]
  },
}

/** Reads the thumbprint of the client's certificate out of a field that a proxy wrote. */
export function readCertificateField(value: string, format: CertificateFormat): string | Failure {
  if (value.length > MAX_LENGTH) return unreadable(`is longer than ${String(MAX_LENGTH)} characters`)
  const written = value.trim()
  if (written === '') return none
  if (format === 'xfcc') {
    const read = readXfcc(written)
    return typeof read === 'string' ? read : unreadable(`cannot be gone by: ${read.problem}`)
  }
  const der = readers[format](written)
  return der === undefined ? unreadable(`is no certificate in the format ${format}`) : thumbprintOf(der)
}

const none: Failure = {
  code: 'certificate_binding_mismatch',
  detail: 'the proxy says that its client has no certificate: the header is empty',
}

function unreadable(what: string): Failure {
  return { code: 'certificate_binding_mismatch', detail: `the header of the proxy ${what}` }
}

import type { Failure } from '../../errors.js'
import type { IsInNetworks } from '../../lib/networks.js'
import { isRepeated, isWebRequest, readHeader, type IncomingRequest } from '../../request/incoming-request.js'
import { warnOnce } from '../../warnings.js'
import { readCertificateField, type CertificateFormat } from './read-certificate-field.js'
import { readSocketCertificate } from './read-socket-certificate.js'

/** Where the certificates of clients are found. */
export type CertificateSource =
  | 'socket'
  | {
      /** In lower case. */
      readonly header: string
      readonly format: CertificateFormat
      readonly isTrustedProxy: IsInNetworks
    }

/** Says why a request did not come with the certificate of a thumbprint. */
export type CheckCertificate = (request: IncomingRequest | undefined, boundTo: string) => Failure | undefined

/**
 * Holds the certificate that a request came with against the one that its token is bound to.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3 | RFC 8705 §3}
 */
export function createCheckCertificate(source: CertificateSource): CheckCertificate {
  return (request, boundTo) => {
    if (request === undefined) return mismatch('it did not come in a request')
    const found = source === 'socket' ? readSocketCertificate(request) : readField(request, source)
    if (typeof found !== 'string') return found
    return found === boundTo ? undefined : mismatch('it is bound to another certificate than that of the client')
  }
}

/** Reads the field of a proxy, from one that is trusted: anybody else may write there what he likes. */
function readField(request: IncomingRequest, source: Exclude<CertificateSource, 'socket'>): string | Failure {
  const { header, format, isTrustedProxy } = source
  if (isWebRequest(request)) return mismatch('it cannot be told from whom a Request of the web came')
  const value = readHeader(request, header)
  if (!isTrustedProxy(request.socket?.remoteAddress)) {
    if (value !== undefined) warnOnce('ERS_CERTIFICATE_HEADER_IGNORED')
    return mismatch('the request came from nobody in "trustedProxies"')
  }
  if (value === undefined)
    return mismatch('the proxy wrote no certificate: its client has none, or the header is another')
  if (typeof value !== 'string' || isRepeated(request, header))
    return mismatch('the header of the proxy came more than once')
  return readCertificateField(value, format)
}

function mismatch(detail: string): Failure {
  return { code: 'certificate_binding_mismatch', detail }
}

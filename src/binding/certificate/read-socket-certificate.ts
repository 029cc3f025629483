import { X509Certificate } from 'node:crypto'
import type { Failure } from '../../errors.js'
import { isWebRequest, type IncomingRequest } from '../../request/incoming-request.js'
import { thumbprintOf } from './thumbprint.js'

/**
 * By connection, so that it is computed once for each. That there is none is not kept: a client may be asked for it later. Who
 * renegotiates is who was there before (RFC 5746), so that what was proved on a connection stays proved.
 */
const known = new WeakMap<object, string>()

/**
 * Reads the thumbprint of the certificate with which a client made its TLS connection, or resumed one.
 *
 * This does NOT look at who issued the certificate, and whether it has expired: that is for the TLS server to decide
 * (`requestCert`, `rejectUnauthorized`). Whose it is the client has proved in any case.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3 | RFC 8705 §3}
 */
export function readSocketCertificate(request: IncomingRequest): string | Failure {
  if (isWebRequest(request)) return missing('a Request of the web has no connection that could be asked for it')
  const { socket } = request
  if (socket === undefined) return missing('the request has no socket')
  const found = known.get(socket)
  if (found !== undefined) return found
  const ask: unknown = 'getPeerX509Certificate' in socket ? socket.getPeerX509Certificate : undefined
  if (typeof ask !== 'function') return missing('the connection is not TLS')
  const certificate: unknown = ask.call(socket)
  if (!(certificate instanceof X509Certificate))
    return missing('the client sent none, or was not asked ("requestCert")')
  const thumbprint = thumbprintOf(certificate.raw)
  known.set(socket, thumbprint)
  return thumbprint
}

function missing(why: string): Failure {
  return { code: 'certificate_binding_mismatch', detail: `there is no client certificate: ${why}` }
}

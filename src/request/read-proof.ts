import type { Failure } from '../errors.js'
import { isRepeated, isWebRequest, readField, type IncomingRequest } from './incoming-request.js'

/** The proof that came with a request, and what it must be for: the request line as it came. */
interface PresentedRequest {
  /** The value of the one `DPoP` field; undefined where there is none. */
  readonly proof: string | undefined
  readonly method: string
  readonly target: string
}

/**
 * Reads the DPoP proof of a request, and what its client asked for: not what a router or a method-override made of that.
 *
 * This does NOT look into the proof.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3}
 */
export function readProof(request: IncomingRequest): PresentedRequest | Failure {
  const proof = readField(request, 'dpop')
  if (isRepeated(request, 'dpop') || (proof !== undefined && typeof proof !== 'string')) return repeated
  return { proof, method: methodOf(request), target: targetOf(request) }
}

const repeated: Failure = { code: 'invalid_dpop_proof', detail: 'the DPoP header came more than once' }

/** The package method-override puts another method into `method`, and keeps the one that came. */
function methodOf(request: IncomingRequest): string {
  const kept: unknown = 'originalMethod' in request ? request.originalMethod : undefined
  return typeof kept === 'string' ? kept : (request.method ?? '')
}

function targetOf(request: IncomingRequest): string {
  return isWebRequest(request) ? request.url : (request.originalUrl ?? request.url ?? '')
}

import { isFailure, type Failure, type Scheme } from '../errors.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import type { IncomingRequest } from '../request/incoming-request.js'
import { readProof } from '../request/read-proof.js'
import { withBinding, type TokenVerifier, type VerifiedToken } from '../tokens/verify-token.js'
import type { CheckCertificate } from './certificate/create-check-certificate.js'
import type { Dpop } from './dpop/create-dpop.js'

/** Why a token that is bound to no key is refused where only bound ones are taken. */
export const unbound: Failure = {
  code: 'bound_token_required',
  detail: 'it is bound to no key and to no certificate, and "required" is set in "dpop" or "mtls"',
}
/** Why a bound token is refused that came alone. */
export const unproved: Failure = { code: 'key_bound_token', detail: 'it did not come with the scheme DPoP and a proof' }

/** How a verified token was presented. */
interface Presentation {
  readonly scheme: Scheme
  /** Undefined where a token came without one. */
  readonly request: IncomingRequest | undefined
}

/** Judges how a verified token is presented: of this request alone, and never remembered. */
export type Prove = (verified: VerifiedToken, presentation: Presentation) => Eventual<VerifiedToken | Failure>

/** What presenting is judged by. */
export interface ProveSettings {
  readonly verifier: TokenVerifier
  /** Undefined where nobody takes proofs. */
  readonly dpop: Dpop | undefined
  /** Undefined where nobody looks at certificates. */
  readonly checkCertificate: CheckCertificate | undefined
  /** Whether nothing but bound tokens is taken. */
  readonly isRequired: boolean
}

/**
 * Has whoever presents a token prove what it is bound to: a key, a certificate, or both. A token that is bound to nothing stands
 * for itself, as Bearer and with no other scheme; a proof and a certificate beside it are not looked at.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7 | RFC 9449 §7}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3 | RFC 8705 §3}
 */
export function createProve({ verifier, dpop, checkCertificate, isRequired }: ProveSettings): Prove {
  const proveKey = (
    verified: VerifiedToken,
    { request }: Presentation,
    certificate: string | undefined,
  ): Eventual<VerifiedToken | Failure> => {
    if (request === undefined || dpop === undefined) return unproved
    const presented = readProof(request)
    if (isFailure(presented)) return presented
    const { boundTo } = verified.known.facts
    return dpop.take({ ...presented, token: verified.auth.token, boundTo }).then((taken) => {
      if (isFailure(taken)) return taken
      const binding = certificate === undefined ? taken : { ...taken, certificateThumbprint: certificate }
      // Others were waited for.
      return whenSettled(verifier.checkTimes(verified), (late) => late ?? withBinding(verified, binding))
    })
  }
  return (verified, presentation) => {
    const { boundTo, boundToCertificate: certificate } = verified.known.facts
    const isBearer = presentation.scheme === 'Bearer'
    if (isBearer && boundTo === undefined && certificate === undefined) return isRequired ? unbound : verified
    // RFC 9449 §7.2: never as Bearer, whatever proof is beside it.
    if (isBearer && boundTo !== undefined) return unproved
    if (certificate === undefined) return proveKey(verified, presentation, undefined)
    const mismatch = checkCertificate === undefined ? unproved : checkCertificate(presentation.request, certificate)
    if (mismatch !== undefined) return mismatch
    if (isBearer) return withBinding(verified, { method: 'mtls', thumbprint: certificate })
    return proveKey(verified, presentation, certificate)
  }
}

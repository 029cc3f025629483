import { hash } from 'node:crypto'
import { isFailure, type Failure } from '../../errors.js'
import type { Algorithm } from '../../issuers/algorithms.js'
import type { KeyMaterial } from '../../issuers/jwk-rules.js'
import { createNotes } from '../../lib/notes.js'
import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import { decodeToken } from '../../tokens/decode-token.js'
import { normaliseUri } from './normalise-uri.js'
import { readProofKey } from './proof-key.js'
import { badProof, type PresentedProof, type ProofFindings, type ProofRules } from './proof.js'
import { readTargetUri } from './target-uri.js'
import { computeThumbprint } from './thumbprint.js'

/** In characters. */
const MAX_PROOF_LENGTH = 8 * 1024
const MAX_JTI_LENGTH = 256
/** What would change the meaning of the header. */
const UNSUPPORTED = ['crit', 'b64', 'zip', 'enc']

interface ProofKey {
  readonly material: KeyMaterial
  readonly thumbprint: string
}

/** By the header that it stands in, which is one object for all proofs with the same one. */
const keys = createNotes<ProofKey>()

function readKey(header: JsonObject, algorithm: Algorithm): ProofKey | string {
  const material = readProofKey(ownMember(header, 'jwk'), algorithm)
  if (typeof material === 'string') return material
  const key = { material, thumbprint: computeThumbprint(material) }
  keys.set(header, key)
  return key
}

/** What a check is given. */
export interface ProofExamination {
  readonly presented: PresentedProof
  readonly rules: ProofRules
  /** In seconds since the epoch. */
  readonly now: number
  /** What the checks before it have found: all that it reads is there when they have passed. */
  readonly findings: ProofFindings
}

/** One check of a proof. */
export interface ProofCheck {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  readonly run: (examination: ProofExamination) => Failure | undefined
}

/**
 * Every check of a proof but the last two, cheap ones first: its signature, and whether it came before. They are run in order
 * to the first failure.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3}
 */
export const proofChecks: readonly ProofCheck[] = [
  {
    name: 'form',
    spec: 'RFC 9449 §4.3 (1), (2)',
    run({ presented: { proof }, rules: { headers }, findings }: ProofExamination): Failure | undefined {
      if (proof === undefined) return badProof('there is no DPoP header')
      if (proof.length > MAX_PROOF_LENGTH) return badProof('it is longer than 8 KiB')
      const decoded = decodeToken(proof, headers)
      if (isFailure(decoded)) return badProof(decoded.detail ?? 'it is too large')
      findings.decoded = decoded
      return undefined
    },
  },
  {
    name: 'type',
    spec: 'RFC 9449 §4.3 (4)',
    run: ({ findings: { decoded } }) =>
      ownMember(decoded.header, 'typ') === 'dpop+jwt' ? undefined : badProof('its "typ" is not "dpop+jwt"'),
  },
  {
    name: 'header',
    spec: 'RFC 7515 §4.1.11',
    run({ findings: { decoded } }: ProofExamination): Failure | undefined {
      const name = UNSUPPORTED.find((one) => Object.hasOwn(decoded.header, one))
      return name === undefined ? undefined : badProof(`its header has "${name}"`)
    },
  },
  {
    name: 'algorithm',
    spec: 'RFC 9449 §4.3 (5)',
    run({ rules: { algorithms }, findings }: ProofExamination): Failure | undefined {
      const alg = ownMember(findings.decoded.header, 'alg')
      const algorithm = algorithms.find((allowed) => allowed === alg)
      if (algorithm === undefined) return badProof(`its "alg" is none of ${algorithms.join(', ')}`)
      findings.algorithm = algorithm
      return undefined
    },
  },
  {
    name: 'key',
    spec: 'RFC 9449 §4.3 (7)',
    run({ findings }: ProofExamination): Failure | undefined {
      const { header } = findings.decoded
      const key = keys.get(header) ?? readKey(header, findings.algorithm)
      if (typeof key === 'string') return badProof(`its "jwk" cannot serve: ${key}`)
      findings.material = key.material
      findings.thumbprint = key.thumbprint
      return undefined
    },
  },
  {
    name: 'method',
    spec: 'RFC 9449 §4.3 (8)',
    run: ({ presented: { method }, findings: { decoded } }) =>
      ownMember(decoded.claims, 'htm') === method ? undefined : badProof(`its "htm" is not ${method}`),
  },
  {
    name: 'URI',
    spec: 'RFC 9449 §4.3 (9)',
    run({ presented: { target }, rules: { base }, findings }: ProofExamination): Failure | undefined {
      const htu = ownMember(findings.decoded.claims, 'htu')
      const uri = readTargetUri(base, target)
      if (uri === undefined) return badProof('the target of the request is no path')
      if (typeof htu !== 'string' || normaliseUri(htu) !== uri) {
        return badProof(`its "htu" is not the URI of the request, which begins with ${base}`)
      }
      findings.uri = uri
      return undefined
    },
  },
  {
    name: 'time',
    spec: 'RFC 9449 §4.3 (11)',
    run: checkTime,
  },
  {
    name: 'token',
    spec: 'RFC 9449 §4.3 (12a)',
    run: ({ presented: { token }, findings: { decoded } }) =>
      ownMember(decoded.claims, 'ath') === hash('sha256', token, 'base64url')
        ? undefined
        : badProof('its "ath" is not the hash of the access token'),
  },
  {
    name: 'identifier',
    spec: 'RFC 9449 §4.2',
    run({ findings }: ProofExamination): Failure | undefined {
      const jti = ownMember(findings.decoded.claims, 'jti')
      if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH || /\p{Cc}/u.test(jti)) {
        return badProof('its "jti" is not a text of 1 to 256 characters')
      }
      findings.jti = jti
      return undefined
    },
  },
  {
    name: 'binding',
    spec: 'RFC 9449 §4.3 (12b)',
    run({ presented: { boundTo }, findings: { thumbprint } }: ProofExamination): Failure | undefined {
      if (boundTo === thumbprint) return undefined
      const detail = boundTo === undefined ? 'the token is bound to no key' : 'the token is bound to another key'
      return { code: 'key_binding_mismatch', detail }
    },
  },
  {
    name: 'nonce',
    spec: 'RFC 9449 §4.3 (10)',
    run: checkNonce,
  },
]

function checkTime({
  rules: { proofMaxAgeSeconds, futureSeconds },
  now,
  findings,
}: ProofExamination): Failure | undefined {
  const { claims } = findings.decoded
  const iat = ownMember(claims, 'iat')
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat)) return badProof('its "iat" is no whole number of seconds')
  if (now - iat > proofMaxAgeSeconds) return badProof(`its "iat" is more than ${String(proofMaxAgeSeconds)} s ago`)
  if (iat - now > futureSeconds) return badProof(`its "iat" is more than ${String(futureSeconds)} s ahead`)
  const exp = ownMember(claims, 'exp')
  if (exp !== undefined && !(typeof exp === 'number' && now < exp + futureSeconds)) return badProof('its "exp" is past')
  const nbf = ownMember(claims, 'nbf')
  if (nbf !== undefined && !(typeof nbf === 'number' && now >= nbf - futureSeconds))
    return badProof('its "nbf" is to come')
  findings.issuedAt = iat
  return undefined
}

function checkNonce({ rules: { nonces }, now, findings }: ProofExamination): Failure | undefined {
  const nonce = ownMember(findings.decoded.claims, 'nonce')
  if (nonce !== undefined && typeof nonce !== 'string') return badProof('its "nonce" is not a text')
  findings.isNonceStale = false
  if (nonces === undefined) return undefined
  if (nonce === undefined) return { code: 'use_dpop_nonce', detail: 'it has no "nonce"' }
  const judged = nonces.judge(nonce, now)
  if (judged === undefined) return { code: 'use_dpop_nonce', detail: 'its "nonce" is not, or no longer, one of ours' }
  findings.isNonceStale = judged === 'stale'
  return undefined
}

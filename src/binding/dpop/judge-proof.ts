import { hash } from 'node:crypto'
import type { Failure } from '../../errors.js'
import { checkSignature } from '../../issuers/check-signature.js'
import { deepFreeze } from '../../lib/deep-freeze.js'
import { RememberedHeaders } from '../../tokens/decode-token.js'
import { proofChecks } from './proof-checks.js'
import { createKeyImporter } from './proof-key.js'
import { badProof, type PresentedProof, type ProofFacts, type ProofFindings, type ProofRules } from './proof.js'

/** As many clients as there are at a time. A header with an RSA key of 4096 bits is no longer. */
const HEADERS = { maxEntries: 4096, maxLength: 1024 }

/** Judges a proof at a time, in seconds since the epoch. */
export type ProofJudge = (presented: PresentedProof, now: number) => Promise<ProofFacts | Failure>

/**
 * Creates what judges DPoP proofs for verified tokens.
 *
 * This does NOT tell whether a proof came before: `createDpop` does.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3}
 */
export function createProofJudge(settings: Omit<ProofRules, 'headers'>): ProofJudge {
  const importKey = createKeyImporter()
  const headers = new RememberedHeaders(HEADERS)
  const rules = { ...settings, headers }
  return async (presented, now) => {
    // Filled by the checks, each for those after it.
    const findings = {} as ProofFindings
    for (const check of proofChecks) {
      const failure = check.run({ presented, rules, now, findings })
      if (failure !== undefined) return failure
    }
    const { algorithm, material, thumbprint, jti, uri, issuedAt, isNonceStale } = findings
    const key = importKey(material, thumbprint)
    if (key === undefined) return badProof('its "jwk" is no valid key: a point that is not on its curve, say')
    const verificationKey = { kid: undefined, algorithm, couldServe: [algorithm], key }
    const invalid = await checkSignature(presented.proof ?? '', verificationKey)
    if (invalid !== undefined) return badProof('its signature does not verify with its "jwk"')
    deepFreeze(findings.decoded.header)
    headers.remember(findings.decoded)
    return {
      thumbprint,
      replayKey: hash('sha256', JSON.stringify([thumbprint, jti, presented.method, uri]), 'base64url'),
      issuedAt,
      replayUntil: issuedAt + rules.proofMaxAgeSeconds + rules.futureSeconds,
      isNonceStale,
    }
  }
}

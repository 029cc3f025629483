import { isFailure, type Failure } from '../errors.js'
import { reasonFor } from '../reasons.js'
import type { Findings } from '../tokens/examination.js'
import type { CheckReport, TokenReport } from '../tokens/explain-token.js'
import type { CheckCertificate } from './certificate/create-check-certificate.js'
import type { Dpop } from './dpop/create-dpop.js'
import { unbound, unproved } from './prove.js'

/** A DPoP proof and the request that it came with, to be explained. */
export interface ProofRequest {
  /** The value of the `DPoP` header; undefined where there was none. */
  readonly proof: string | undefined
  readonly method: string
  /** What the client asked for: the whole URL, or the target of the request line. */
  readonly url: string
}

/** What the presentation of a token is explained by. */
interface Circumstances {
  /** Undefined where nobody takes proofs. */
  readonly dpop: Dpop | undefined
  /** Undefined where nobody looks at certificates. */
  readonly checkCertificate: CheckCertificate | undefined
  readonly isRequired: boolean
  readonly token: string
  /** What the token was found to be bound to. */
  readonly findings: Partial<Pick<Findings, 'boundTo' | 'boundToCertificate'>>
  /** Undefined for a Bearer token. */
  readonly request: ProofRequest | undefined
  /** In seconds since the epoch. */
  readonly now: number
}

/**
 * Adds to the report on a token what is to be said of how it is presented. Nothing is used up: whether the proof came before
 * is not asked. No certificate comes with an explanation: a token that is bound to one is refused for want of it.
 */
export async function explainProof(report: TokenReport, circumstances: Circumstances): Promise<TokenReport> {
  const isBindingKnown = report.checks.some(({ name, outcome }) => name === 'binding' && outcome === 'passed')
  const rows: CheckReport[] = []
  if (circumstances.checkCertificate !== undefined) {
    rows.push(isBindingKnown ? describe(certificateRow, checkCertificate(circumstances)) : skip(certificateRow))
  }
  if (circumstances.dpop !== undefined || circumstances.request !== undefined) {
    const isOpen = isBindingKnown && rows.every(({ outcome }) => outcome === 'passed')
    rows.push(isOpen ? describe(proofRow, await checkProof(circumstances)) : skip(proofRow))
  }
  const checks = [...report.checks, ...rows]
  const failed = rows.find((row) => row.outcome === 'failed')
  if (report.verdict !== 'accepted' || failed === undefined) return { ...report, checks }
  return { verdict: 'refused', code: failed.code, checks }
}

const proofRow = { name: 'proof', spec: 'RFC 9449 §4.3' }
const certificateRow = { name: 'certificate', spec: 'RFC 8705 §3' }

function checkCertificate({ checkCertificate: check, findings, isRequired, dpop }: Circumstances): Failure | undefined {
  const { boundTo, boundToCertificate } = findings
  if (boundToCertificate !== undefined) return check?.(undefined, boundToCertificate)
  return isRequired && boundTo === undefined && dpop === undefined ? unbound : undefined
}

async function checkProof(circumstances: Circumstances): Promise<Failure | undefined> {
  const { dpop, isRequired, token, findings, request, now } = circumstances
  const { boundTo, boundToCertificate } = findings
  if (dpop === undefined)
    return { code: 'missing_token', detail: 'the scheme DPoP is not read: the option "dpop" is not set' }
  if (request === undefined) {
    if (boundTo !== undefined) return unproved
    return isRequired && boundToCertificate === undefined ? unbound : undefined
  }
  const { proof, method, url: target } = request
  const facts = await dpop.judge({ proof, method, target, token, boundTo }, now)
  return isFailure(facts) ? facts : undefined
}

interface Row {
  readonly name: string
  readonly spec: string
}

function skip(row: Row): CheckReport {
  return { ...row, outcome: 'skipped' }
}

function describe(row: Row, failure: Failure | undefined): CheckReport {
  if (failure === undefined) return { ...row, outcome: 'passed' }
  return { ...row, outcome: 'failed', ...failure, hint: reasonFor(failure.code).hint }
}

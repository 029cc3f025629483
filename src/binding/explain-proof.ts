import { isFailure, type Failure } from '../errors.js'
import { reasonFor } from '../reasons.js'
import type { CheckReport, TokenReport } from '../tokens/explain-token.js'
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

/** What a proof is explained by. */
interface ProofCircumstances {
  /** Undefined where nobody takes proofs. */
  readonly dpop: Dpop | undefined
  readonly isRequired: boolean
  readonly token: string
  readonly boundTo: string | undefined
  /** Undefined for a Bearer token. */
  readonly request: ProofRequest | undefined
  /** In seconds since the epoch. */
  readonly now: number
}

/**
 * Adds to the report on a token what is to be said of how it is presented. Nothing is used up: whether the proof came before
 * is not asked.
 */
export async function explainProof(report: TokenReport, circumstances: ProofCircumstances): Promise<TokenReport> {
  if (circumstances.dpop === undefined && circumstances.request === undefined) return report
  const isBindingKnown = report.checks.some(({ name, outcome }) => name === 'binding' && outcome === 'passed')
  const row = isBindingKnown ? describe(await judge(circumstances)) : ({ ...about, outcome: 'skipped' } as const)
  const checks = [...report.checks, row]
  if (report.verdict !== 'accepted' || row.outcome !== 'failed') return { ...report, checks }
  return { verdict: 'refused', code: row.code, checks }
}

const about = { name: 'proof', spec: 'RFC 9449 §4.3' }

async function judge(circumstances: ProofCircumstances): Promise<Failure | undefined> {
  const { dpop, isRequired, token, boundTo, request, now } = circumstances
  if (dpop === undefined)
    return { code: 'missing_token', detail: 'the scheme DPoP is not read: the option "dpop" is not set' }
  if (request === undefined) {
    if (boundTo !== undefined) return unproved
    return isRequired ? unbound : undefined
  }
  const { proof, method, url: target } = request
  const facts = await dpop.judge({ proof, method, target, token, boundTo }, now)
  return isFailure(facts) ? facts : undefined
}

function describe(failure: Failure | undefined): CheckReport {
  if (failure === undefined) return { ...about, outcome: 'passed' }
  return { ...about, outcome: 'failed', ...failure, hint: reasonFor(failure.code).hint }
}

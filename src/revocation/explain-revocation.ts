import { UnavailableError } from '../errors.js'
import { reasonFor } from '../reasons.js'
import type { FindingsSoFar } from '../tokens/examination.js'
import type { CheckReport, TokenReport } from '../tokens/explain-token.js'
import type { RevocationJudge } from './revocation.js'

const row = { name: 'revocation', spec: 'RFC 7009 §2' }

/** Adds to the report on a token whether it was taken back, as a request would be told. */
export function explainRevocation(
  report: TokenReport,
  token: string,
  { explain, findings }: Pick<RevocationJudge, 'explain'> & { readonly findings: FindingsSoFar },
): TokenReport {
  if (report.verdict !== 'accepted') return { ...report, checks: [...report.checks, { ...row, outcome: 'skipped' }] }
  const found = judge(token, explain, findings)
  const checks = [...report.checks, found]
  if (found.outcome === 'passed' || found.outcome === 'skipped') return { ...report, checks }
  return { verdict: found.outcome === 'failed' ? 'refused' : 'undecided', code: found.code, checks }
}

function judge(token: string, explain: RevocationJudge['explain'], findings: FindingsSoFar): CheckReport {
  const { decoded, issuer, subject, issuedAt, expiresAt } = findings
  // It was accepted, so that all of these were found.
  if (decoded === undefined || issuer === undefined || expiresAt === undefined) return { ...row, outcome: 'skipped' }
  const marked = { token, issuer: issuer.settings.issuer, subject, issuedAt, expiresAt, claims: decoded.claims }
  try {
    const failure = explain(marked)
    if (failure === undefined) return { ...row, outcome: 'passed' }
    return { ...row, outcome: 'failed', ...failure, hint: reasonFor(failure.code).hint }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    const { code, detail } = error
    return { ...row, outcome: 'undecided', code, detail, hint: reasonFor(code).hint }
  }
}

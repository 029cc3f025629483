import { UnavailableError } from '../../errors.js'
import { takeAnswer } from '../../lib/take-answer.js'
import { check, type Outcome } from '../check.js'
import type { FindingsSoFar } from '../examination.js'

/** The claims fit the schema in the option `claims`. */
export const schema = check({
  name: 'schema',
  spec: 'the option "claims"',
  isWanted: (rules) => rules.schema !== undefined,
  needs: ['decoded'],
  // It may answer now or later.
  run({ rules: { schema: own, callbackTimeoutSeconds: seconds }, lifetime, findings }) {
    if (own === undefined) return undefined
    lifetime.thisRequestOnly()
    // A copy: some libraries write what they make of a claim into the object that they were given.
    const answer = own['~standard'].validate(structuredClone(findings.decoded.claims))
    const read = (result: unknown): Outcome => readResult(result, findings)
    return takeAnswer(answer, { read, deadline: { seconds, late: () => lateSchema(seconds) } })
  },
})

/** Reads what a schema answered, each member once: claims that fit, or what is wrong with them. */
function readResult(result: unknown, findings: FindingsSoFar): Outcome {
  // Whatever is in there is unknown, and may be missing.
  const { issues, value } = Object(result) as { readonly issues?: unknown; readonly value?: unknown }
  if (issues !== undefined) {
    return { code: 'invalid_claims', detail: `the claims do not fit the schema at "${readPlace(issues)}"` }
  }
  if (value === undefined)
    throw new TypeError('The schema in the option "claims" answered with neither issues nor a value.')
  findings.validatedClaims = value
  return undefined
}

function readPlace(issues: unknown): string {
  const issue: unknown = Array.isArray(issues) ? issues[0] : undefined
  const { path } = Object(issue) as { readonly path?: unknown }
  const steps: readonly unknown[] = Array.isArray(path) ? path : []
  return steps
    .map((step) => String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step))
    .join('.')
}

function lateSchema(seconds: number): UnavailableError {
  const detail = `the schema in "claims" did not answer within ${String(seconds)} s`
  return new UnavailableError('schema_unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
}

const RETRY_SECONDS = 5

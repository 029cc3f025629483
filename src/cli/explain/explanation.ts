import type { ReasonCode } from '../../reasons.js'
import type { CheckReport, TokenReport } from '../../tokens/explain-token.js'
import type { Setting } from './describe-configuration.js'
import type { Form } from './describe-form.js'
import type { Cause } from './judge.js'
import type { Note } from './observe.js'

/** What `--json` writes. A member that changes its meaning gets another `version`. */
export interface Explanation {
  readonly schema: 'express-resource-server/explain'
  readonly version: 1
  readonly verdict: TokenReport['verdict']
  readonly code: ReasonCode | undefined
  /** That of the answer to a request; undefined when it gets in, or ends in an error 500. */
  readonly status: number | undefined
  /** The first decides. */
  readonly causes: readonly Cause[]
  readonly notes: readonly Note[]
  readonly configuration: readonly Setting[]
  readonly token: {
    readonly form: Form['form']
    readonly says: string
    /** Whether its signature verified: without that, anybody could have written what it says. */
    readonly isSigned: boolean
    readonly facts: readonly { readonly name: string; readonly value: string }[]
    readonly withheld: readonly string[]
  }
  readonly checks: readonly CheckReport[]
}

import { HttpException } from '@nestjs/common'
import type { RefusalError } from '../errors.js'
import { writeProblem } from '../problem.js'
import type { ReasonCode } from '../reasons.js'

/**
 * A refusal as filters of NestJS know it. The headers of the refusal are on the response when it is thrown, so that a filter
 * which answers in another form keeps its challenge.
 */
export class RefusalException extends HttpException {
  readonly code: ReasonCode
  /** For GraphQL, whose errors carry them. */
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(readonly refusal: RefusalError) {
    super(JSON.parse(writeProblem(refusal.code)) as object, refusal.status) // it was written as an object
    this.message = refusal.message
    this.code = refusal.code
    this.extensions = { code: refusal.code, http: { status: refusal.status } }
  }
}

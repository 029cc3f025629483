import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ConfigurationError } from '../errors.js'
import type { Auth } from '../tokens/auth.js'
import { findJudgement } from './judgements.js'
import { requestOf } from './request-of.js'

/**
 * Gives a parameter what the token of the request says, an `Auth`; behind `@OptionalAuth`, `undefined` where there was none.
 *
 * A handler before which no token was judged, one that is `@Public` say, ends in a ConfigurationError, and that in a 500.
 *
 * @example
 *   orders(@CurrentAuth() auth: Auth) {}
 */
export const CurrentAuth: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Auth | undefined => {
    const judgement = findJudgement(requestOf(context))
    if (judgement?.auth !== undefined || judgement?.isAnonymous === true) return judgement.auth
    throw new ConfigurationError(
      '@CurrentAuth() stands in a handler before which no token was judged: it is @Public(), or no guard stands before it.',
    )
  },
)

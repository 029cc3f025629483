import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ConfigurationError } from '../errors.js'
import type { Auth } from '../tokens/auth.js'
import { findAuth } from './judgements.js'
import { requestOf } from './request-of.js'

/**
 * Gives a parameter what the token of the request says, an `Auth`.
 *
 * A handler before which no token was judged, one that is `@Public` say, ends in a ConfigurationError, and that in a 500.
 *
 * @example
 *   orders(@CurrentAuth() auth: Auth) {}
 */
export const CurrentAuth: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Auth => {
    const auth = findAuth(requestOf(context))
    if (auth !== undefined) return auth
    throw new ConfigurationError(
      '@CurrentAuth() stands in a handler before which no token was judged: it is @Public(), or no guard stands before it.',
    )
  },
)

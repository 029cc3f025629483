import { UseGuards } from '@nestjs/common'
import { ConfigurationError } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import { checkPolicy } from '../policy/check-policy.js'
import type { Policy, PolicyRequest } from '../policy/decision.js'
import { addRequirements, isMarkedOptional, isMarkedPublic, type Requirement } from './requirements.js'
import { ResourceServerGuard } from './resource-server-guard.js'

/**
 * Says what a token must be allowed to do before a handler, or before all of a class. All that stand there count, those of
 * the class first, and a 403 names the scopes of all of them. It brings the guard along.
 *
 * @example
 *   @Requires(scope('orders:read'))
 *   @Get('orders')
 *   orders(@CurrentAuth() auth: Auth) {}
 *
 * @throws {ConfigurationError} At start-up, without a policy, or beside `@Public` in the same place.
 */
export function Requires<Claims = JsonObject, Asked = PolicyRequest>(
  ...policies: Policy<Claims, Asked>[]
): MethodDecorator & ClassDecorator {
  if (policies.length === 0) throw new ConfigurationError('@Requires() takes at least one policy: scope(...), say.')
  for (const policy of policies) checkPolicy(policy, '@Requires')
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const place = { target, key, handler: descriptor?.value as object | undefined } // a method is a function
    if (isMarkedPublic(place))
      throw new ConfigurationError('@Public() and @Requires() stand in one place: which is it?')
    if (isMarkedOptional(place))
      throw new ConfigurationError('@OptionalAuth() and @Requires() stand in one place: which is it?')
    // What a policy asks of claims and requests, they have where it stands: that is the word of whoever puts it there.
    addRequirements(place, policies as unknown as Requirement[])
    // Either of the two forms, as this decorator was called.
    ;(UseGuards(ResourceServerGuard) as (...place: unknown[]) => unknown)(target, key, descriptor)
  }
}

import { UseGuards } from '@nestjs/common'
import { ConfigurationError } from '../errors.js'
import { hasRequirements, isMarkedPublic, markOptional } from './requirements.js'
import { ResourceServerGuard } from './resource-server-guard.js'

/**
 * Lets a request without credentials in to a handler, whatever its class requires. A token that is presented must be good all the
 * same. It brings the guard along.
 *
 * @example
 *   @OptionalAuth()
 *   @Get('catalog')
 *   catalog(@CurrentAuth() auth: Auth | undefined) {}
 *
 * @throws {ConfigurationError} At start-up, on a class, or beside `@Public` or `@Requires` in the same place.
 */
export function OptionalAuth(): MethodDecorator {
  return (target: object, key: string | symbol | undefined, descriptor: PropertyDescriptor | undefined) => {
    const handler = descriptor?.value as object | undefined // a method is a function
    if (key === undefined || descriptor === undefined || handler === undefined)
      throw new ConfigurationError('@OptionalAuth() stands on methods.')
    const place = { target, key, handler }
    if (isMarkedPublic(place) || hasRequirements(place))
      throw new ConfigurationError('@OptionalAuth() and @Public() or @Requires() stand in one place: which is it?')
    markOptional(handler)
    UseGuards(ResourceServerGuard)(target, key, descriptor)
  }
}

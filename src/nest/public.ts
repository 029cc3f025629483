import { ConfigurationError } from '../errors.js'
import { hasRequirements, isMarkedOptional, markPublic } from './requirements.js'

/**
 * Opens a handler, or all of a class that require nothing of their own: no token is looked at.
 *
 * @example
 *   @Public()
 *   @Get('health')
 *   health() {}
 *
 * @throws {ConfigurationError} At start-up, beside `@Requires` in the same place.
 */
export function Public(): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const place = { target, key, handler: descriptor?.value as object | undefined } // a method is a function
    if (hasRequirements(place))
      throw new ConfigurationError('@Public() and @Requires() stand in one place: which is it?')
    if (isMarkedOptional(place))
      throw new ConfigurationError('@OptionalAuth() and @Public() stand in one place: which is it?')
    markPublic(place)
  }
}

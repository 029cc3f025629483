import { inspectRoutes, type RouteReport } from '../routes/inspect-routes.js'

/** What may be open. */
export interface ExpectProtectedOptions {
  /** Methods and paths as the inventory shows them: `GET /health`. */
  readonly except?: readonly string[] | undefined
}

/**
 * Fails when a route of an app is open and no exception names it, or when an exception names no open route. Put it into a
 * test, and a route that is added without a guard fails the build.
 *
 * It goes by what `trackRoutes(app)` has recorded; what that cannot see counts as open. It sends no requests, and does NOT
 * judge whether a guard asks for the right thing.
 *
 * @example
 *   test('every route but the health check is protected', () => {
 *     expectProtected(app, { except: ['GET /health'] })
 *   })
 *
 * @throws {Error} With every such route and exception, and what to do about them.
 */
export function expectProtected(app: object, { except = [] }: ExpectProtectedOptions = {}): void {
  const routes = inspectRoutes(app)
  if (routes.length === 0) {
    throw new Error('expectProtected() found no routes: hand it the Express app, after its routes are registered.')
  }
  const open = routes.filter(({ isProtected }) => !isProtected)
  const problems = [
    ...open.filter((route) => !except.includes(nameOf(route))).map(describeOpen),
    ...except
      .filter((name) => !open.some((route) => nameOf(route) === name))
      .map((name) => describeStale(name, routes)),
  ]
  if (problems.length === 0) return
  throw new Error(
    [
      'Not every route is as protected as it should be:',
      ...problems.map((problem) => `  ${problem}`),
      'Put requireAuth() or a guard before what must not be open, and name what may be in "except".',
    ].join('\n'),
  )
}

function nameOf({ method, path }: RouteReport): string {
  return `${method} ${path}`
}

function describeOpen(route: RouteReport): string {
  const seen =
    route.guards.length === 0 ? 'nothing of this library is certain to run before it' : route.guards.join(', ')
  return `${nameOf(route)} is open: ${seen}.`
}

function describeStale(name: string, routes: readonly RouteReport[]): string {
  const route = routes.find((one) => nameOf(one) === name)
  return route === undefined
    ? `"${name}" in "except" is no route: take it out.`
    : `"${name}" in "except" is protected, by ${route.guards.join(', ')}: take it out.`
}

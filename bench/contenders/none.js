/** The route as it is: what everybody else is measured against. */
export function createMiddleware() {
  return undefined
}

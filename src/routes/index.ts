export { authorizeRoutes, type RouteTable } from './authorize-routes.js'
export { routesFromOpenApi, type OpenApiOptions } from './routes-from-openapi.js'
export { trackRoutes, type RouteInventory } from './track-routes.js'
export type { RouteReport } from './inspect-routes.js'

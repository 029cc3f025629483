export { CurrentAuth } from './current-auth.js'
export { OptionalAuth } from './optional-auth.js'
export { Public } from './public.js'
export { RefusalException } from './refusal-exception.js'
export { Requires } from './requires.js'
export { ResourceServerGuard } from './resource-server-guard.js'
export {
  ResourceServerModule,
  type ResourceServerAsyncOptions,
  type ResourceServerModuleOptions,
} from './resource-server-module.js'
export { RESOURCE_SERVER } from './resource-server-token.js'

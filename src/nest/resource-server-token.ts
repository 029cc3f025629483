/**
 * The injection token of the resource server: for tokens that come some other way than in a request, for `onExpiry`.
 *
 * @example
 *   constructor(@Inject(RESOURCE_SERVER) private readonly server: ResourceServer) {}
 */
export const RESOURCE_SERVER = Symbol('RESOURCE_SERVER')

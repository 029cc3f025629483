import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD } from '@nestjs/core'
import type { ResourceServerOptions } from '../config/options.js'
import { createResourceServer } from '../resource-server/create-resource-server.js'
import type { ResourceServer } from '../resource-server/resource-server.js'
import { RefusalFilter } from './refusal-filter.js'
import { ResourceServerGuard } from './resource-server-guard.js'
import { RESOURCE_SERVER } from './resource-server-token.js'

/** How the module is set up, beside the options of the resource server. */
export interface ResourceServerModuleOptions {
  /** Whether the guard stands before every route that is not `@Public`. Default: true. */
  readonly guardEveryRoute?: boolean | undefined
}

type Found = ResourceServerOptions | Promise<ResourceServerOptions>

/** How the options of the resource server are found. */
export interface ResourceServerAsyncOptions extends ResourceServerModuleOptions {
  readonly imports?: DynamicModule['imports']
  /** What `useFactory` is given. */
  readonly inject?: FactoryProvider['inject']
  readonly useFactory: (...injected: never[]) => Found
}

/**
 * Makes one resource server for an application, puts its guard before every route, and answers refusals with its challenge
 * and its problem, on Express and on Fastify.
 *
 * This does NOT stand before what is no route: static files, a path that is not there.
 *
 * @example
 *   @Module({ imports: [ResourceServerModule.forRoot({ issuer, audience })] })
 *   export class AppModule {}
 */
export class ResourceServerModule implements OnApplicationShutdown {
  /**
   * @param options - Those of `createResourceServer` of `express-resource-server/core`. Without them, `OAUTH_ISSUER` and
   *   `OAUTH_AUDIENCE` are read.
   * @throws {ConfigurationError} Where the application is created, when something is missing, unknown or contradictory.
   */
  static forRoot(options?: ResourceServerOptions, setUp: ResourceServerModuleOptions = {}): DynamicModule {
    return ResourceServerModule.forRootAsync({ ...setUp, useFactory: () => options ?? {} })
  }

  /** The same, with options that other providers are needed for. */
  static forRootAsync({
    guardEveryRoute = true,
    imports = [],
    inject = [],
    useFactory,
  }: ResourceServerAsyncOptions): DynamicModule {
    const find = useFactory as (...injected: unknown[]) => Found // NestJS gives it what `inject` names
    const server: Provider = {
      provide: RESOURCE_SERVER,
      inject,
      useFactory: async (...injected: unknown[]) => createResourceServer(await find(...injected)),
    }
    const guard: Provider = { provide: APP_GUARD, useClass: ResourceServerGuard }
    // Whatever else JavaScript passes, null say, leaves no route open.
    const isElsewhere = (guardEveryRoute as unknown) === false
    return {
      module: ResourceServerModule,
      global: true,
      imports,
      providers: [server, { provide: APP_FILTER, useClass: RefusalFilter }, ...(isElsewhere ? [] : [guard])],
      exports: [RESOURCE_SERVER],
    }
  }

  constructor(private readonly server: ResourceServer) {}

  onApplicationShutdown(): void {
    this.server.close()
  }
}

Module({})(ResourceServerModule)
Inject(RESOURCE_SERVER)(ResourceServerModule, undefined, 0)

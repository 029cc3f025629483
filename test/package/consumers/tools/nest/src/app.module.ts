import { Controller, Get, Module, type DynamicModule } from '@nestjs/common'
import { scope, UnavailableError, type Auth, type ResourceServerOptions } from 'express-resource-server/core'
import { CurrentAuth, Public, Requires, ResourceServerModule } from 'express-resource-server/nest'

const undecided = (): boolean => {
  throw new UnavailableError('policy_unavailable', { retryAfterSeconds: 7 })
}

@Controller()
export class OrdersController {
  @Public()
  @Get('health')
  health(): object {
    return {}
  }

  @Requires(scope('orders:read'))
  @Get('orders')
  orders(@CurrentAuth() auth: Auth): object {
    return { for: auth.subject }
  }

  @Requires(undecided)
  @Get('undecided')
  undecided(): object {
    return {}
  }
}

@Module({ controllers: [OrdersController] })
export class AppModule {
  static with(options: ResourceServerOptions): DynamicModule {
    return { module: AppModule, imports: [ResourceServerModule.forRoot(options)] }
  }
}

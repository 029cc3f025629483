import type { RequestHandler } from 'express'
import type { Provider } from 'oidc-provider'

// A browser takes http://*.localhost for as trustworthy as https (W3C Secure Contexts §3.1) and keeps Secure cookies
// there. The libraries that set such cookies look at the connection alone and refuse. So this example tells them, on
// localhost only. Your service speaks https, or sits behind a proxy that does and that "trust proxy" names: it does not
// need this file.

const isLocalhost = (host: string): boolean => host.endsWith('.localhost')

/** For express-session, which asks `req.secure`. */
export const secureOnLocalhost: RequestHandler = (req, _res, next) => {
  if (isLocalhost(req.hostname)) Object.defineProperty(req, 'secure', { value: true })
  next()
}

/** For oidc-provider, which is a Koa application. */
export const secureProviderOnLocalhost: Parameters<Provider['use']>[0] = async (ctx, next) => {
  if (isLocalhost(ctx.hostname)) {
    Object.defineProperty(ctx, 'secure', { value: true })
    ctx.cookies.secure = true
  }
  await next()
}

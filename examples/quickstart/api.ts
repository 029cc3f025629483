import { getAuth, requireAuth, requireScope, type RequireAuthOptions } from 'express-resource-server'
import express, { type Express } from 'express'
import helmet from 'helmet'

/** The API: everything behind `requireAuth` needs an access token, and each route names the scope that it needs. */
export function createApi(options: Pick<RequireAuthOptions, 'issuer' | 'audience'>): Express {
  const app = express()
  app.use(helmet())
  app.use(requireAuth({ ...options, failedAuthLimit: { windowMs: 60_000, limit: 30 } }))
  app.get('/orders', requireScope('orders:read'), (req, res) => {
    res.json({ orders: ['1 passport', '1 visa'], for: getAuth(req).subject })
  })
  return app
}

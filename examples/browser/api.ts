import cors from 'cors'
import express, { type Express, type RequestHandler } from 'express'
import { getAuth, requireAuth, requireScope, type RequireAuthOptions } from 'express-resource-server'
import helmet from 'helmet'
import { audiences, type Origins } from './stage/addresses.js'
import type { Note } from './stage/journal.js'

/** Border control: looks at the visa and at nothing else. It knows no cookie, no session and no passport. */
export function createApi(
  { idp, app: spa, careless }: Origins,
  note: Note,
  options: Pick<RequireAuthOptions, 'fetch' | 'clock'>,
): Express {
  const ordersOf = createOrders()
  const app = express()
  app.use(helmet())
  app.set('etag', false)
  // Exactly these origins may read answers, and none may send cookies: there are none to send.
  app.use(cors({ origin: [spa, careless], exposedHeaders: ['WWW-Authenticate'], maxAge: 600 }))
  app.use(writeDown(note))
  app.use(
    requireAuth({
      issuer: idp,
      audience: audiences.orders,
      profile: 'rfc9068',
      failedAuthLimit: { windowMs: 60_000, limit: 100 },
      // Everybody here shares one clock.
      clockToleranceSeconds: 0,
      ...options,
    }),
  )
  app.get('/orders', requireScope('orders:read'), (req, res) => {
    const { subject = '' } = getAuth(req)
    res.json({ orders: ordersOf(subject), for: subject })
  })
  app.post('/orders', requireScope('orders:write'), (req, res) => {
    const { subject = '' } = getAuth(req)
    const orders = ordersOf(subject)
    orders.push(`a stamp, no. ${String(orders.length)}`)
    res.status(201).json({ orders, for: subject })
  })
  return app
}

/** For the board: what was asked, and what the answer was. */
function writeDown(note: Note): RequestHandler {
  return (req, res, next) => {
    res.once('finish', () => {
      const challenge = String(res.getHeader('www-authenticate') ?? '')
      const [, why = ''] = /error_description="([^"]*)"/.exec(challenge) ?? []
      const text = `${req.method} ${req.path}: ${String(res.statusCode)}. ${why}`.trim()
      note({ from: 'api', to: 'app', text, outcome: res.statusCode < 400 ? 'done' : 'refused' })
    })
    next()
  }
}

/** The orders of each user, so that one taken for another would be seen. */
function createOrders(): (subject: string) => string[] {
  const orders = new Map<string, string[]>()
  return (subject) => {
    const mine = orders.get(subject) ?? [subject === 'bea' ? 'a suitcase' : 'a passport cover']
    orders.set(subject, mine)
    return mine
  }
}

import { createResourceServer, type RequireAuthOptions } from 'express-resource-server'
import express, { type Express } from 'express'
import helmet from 'helmet'
import { orderOf, orders } from './orders.js'
import { claims, may, scopeHierarchy } from './policies.js'

/** The shop's API. What a route demands is a name here and a line in policies.ts. */
export function createApi(options: RequireAuthOptions): Express {
  const server = createResourceServer({ ...options, claims, scopeHierarchy })
  const { getAuth, requirePolicy } = server
  const app = express()
  app.use(helmet())
  app.use(server.requireAuth())

  app.get('/orders', requirePolicy(may.listOrders), (req, res) => {
    const { subject, roles, claims } = getAuth(req)
    const isStaff = roles.includes('staff')
    res.json({ orders: orders.filter((one) => (isStaff ? one.region === claims.region : one.customer === subject)) })
  })
  app.post('/orders', requirePolicy(may.placeOrder), (req, res) => {
    res.status(201).json({ customer: getAuth(req).subject })
  })
  app.get('/orders/:id', requirePolicy(may.readOrder), (req, res) => {
    res.json(orderOf(req))
  })
  app.post('/orders/:id/refund', requirePolicy(may.refundOrder), (req, res) => {
    res.json({ refunded: orderOf(req)?.id, by: getAuth(req).subject })
  })
  app.get('/exports/orders', requirePolicy(may.exportOrders), (_req, res) => {
    res.json({ orders })
  })
  return app
}

import {
  allOf,
  anyOf,
  appOnly,
  client,
  delegated,
  not,
  owner,
  role,
  scope,
  stepUp,
  type Policy,
  type ScopeHierarchyOptions,
} from 'express-resource-server'
import { z } from 'zod'
import { orderOf } from './orders.js'

// The whole authorization model of the shop. Each rule is a line, and every route is bound to one of them in api.ts.

/** Beyond what every token says: the region that a member of staff works for. */
export const claims = z.object({ region: z.string().optional() })
type Claims = z.output<typeof claims>

export const scopeHierarchy: ScopeHierarchyOptions = {
  implies: { 'orders:manage': ['orders:read', 'orders:refund'] },
}

const customer = allOf(delegated(), not(role('staff')))
const staff = allOf(delegated(), role('staff'))
const freshSecondFactor = stepUp({ acr: 'mfa', maxAgeSeconds: 300 })

const theirOwn = owner((request) => orderOf(request)?.customer)
const ofTheirRegion: Policy<Claims> = (auth, request) =>
  auth.claims.region !== undefined && auth.claims.region === orderOf(request)?.region

export const may = {
  listOrders: allOf(delegated(), scope('orders:read')), // the handler shows what readOrder would
  readOrder: allOf(scope('orders:read'), anyOf(allOf(customer, theirOwn), allOf(staff, ofTheirRegion))),
  placeOrder: allOf(customer, scope('orders:write')),
  refundOrder: allOf(staff, ofTheirRegion, freshSecondFactor, scope('orders:refund')),
  exportOrders: allOf(appOnly(), client('nightly-export'), scope('orders:export')),
}

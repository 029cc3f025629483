import type { Policy } from './decision.js'

const everybody: Policy = Object.assign(() => true, { description: 'open()' })

/**
 * Grants everybody: in a row of a route table also a request without credentials. It is written out, so that a list of
 * policies shows what is public.
 *
 * This does NOT take a bad token for none: what is presented must be good. Anywhere but in a row by itself it only ever sees
 * requests with a valid token, as every policy does.
 *
 * @example
 *   authorizeRoutes({ 'GET /health': open(), 'GET /orders': scope('orders:read') })
 */
export function open(): Policy {
  return everybody
}

export function isOpen(policy: unknown): boolean {
  return policy === everybody
}

import type { PolicyRequest } from 'express-resource-server'

interface Order {
  readonly id: string
  readonly customer: string
  readonly region: string
}

export const orders: readonly Order[] = [
  { id: '1', customer: 'ada', region: 'eu' },
  { id: '2', customer: 'bob', region: 'eu' },
  { id: '3', customer: 'eve', region: 'us' },
]

/** The order that a request is about. Where there is none, nobody owns it, and the answer is 403 as for somebody else's. */
export function orderOf({ params }: Pick<PolicyRequest, 'params'>): Order | undefined {
  return orders.find(({ id }) => id === params['id'])
}

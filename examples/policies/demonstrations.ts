import type { TestIssuer } from 'express-resource-server/testing'

/** One request and what the API must answer to it. */
export interface Demonstration {
  readonly title: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token: string | undefined
  readonly status: number
  readonly code?: string
  /** What the challenge adds to the realm. */
  readonly challenge?: string
}

const LACKS_SCOPE =
  'error="insufficient_scope", error_description="The access token lacks a scope that this operation needs."'
const NEEDS_SIGN_IN =
  'error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in."'

/** Mints the tokens of everybody, and puts each request beside the answer that it must get. */
export async function prepare(issuer: TestIssuer): Promise<readonly Demonstration[]> {
  const now = issuer.now()
  const ada = { sub: 'ada', auth_time: now, scope: 'orders:read orders:write' }
  const sam = { sub: 'sam', auth_time: now - 3600, roles: ['staff'], region: 'eu', scope: 'orders:manage' }
  const machine = { sub: 'nightly-export', client_id: 'nightly-export', scope: 'orders:export orders:read' }
  const minted = {
    ada: await issuer.accessToken(ada),
    adaWriting: await issuer.accessToken({ ...ada, scope: 'orders:write' }),
    adaExporting: await issuer.accessToken({ ...ada, scope: 'orders:export' }),
    sam: await issuer.accessToken(sam),
    samWithFactor: await issuer.accessToken({ ...sam, acr: 'mfa', auth_time: now }),
    samReading: await issuer.accessToken({ ...sam, scope: 'orders:read' }),
    machine: await issuer.accessToken(machine),
    otherMachine: await issuer.accessToken({ ...machine, sub: 'other', client_id: 'other' }),
  }
  const get = { method: 'GET', status: 200 } as const
  const post = { method: 'POST', status: 200 } as const
  const denied = { status: 403, code: 'access_denied' } as const
  const lacksScope = (scopes: string) =>
    ({ status: 403, code: 'insufficient_scope', challenge: `${LACKS_SCOPE}, scope="${scopes}"` }) as const
  const needsSignIn = (parameters: string) =>
    ({ status: 401, code: 'insufficient_user_authentication', challenge: `${NEEDS_SIGN_IN}, ${parameters}` }) as const
  const mfa = 'acr_values="mfa", max_age="300"'

  return [
    { title: 'A customer lists orders', ...get, path: '/orders', token: minted.ada },
    { title: 'A customer reads her own order', ...get, path: '/orders/1', token: minted.ada },
    { title: "A customer reads another's", ...get, path: '/orders/2', token: minted.ada, ...denied },
    { title: 'A customer reads one that is not there', ...get, path: '/orders/9', token: minted.ada, ...denied },
    {
      title: 'A customer whose app may not read',
      ...get,
      path: '/orders/1',
      token: minted.adaWriting,
      ...lacksScope('orders:read'),
    },
    { title: 'A customer places an order', ...post, path: '/orders', token: minted.ada, status: 201 },
    { title: 'A customer refunds herself', ...post, path: '/orders/1/refund', token: minted.ada, ...denied },
    { title: 'Staff read an order of their region', ...get, path: '/orders/2', token: minted.sam },
    { title: 'Staff read one of another region', ...get, path: '/orders/3', token: minted.sam, ...denied },
    { title: 'Staff place an order', ...post, path: '/orders', token: minted.sam, ...denied },
    {
      title: 'Staff refund, signed in an hour ago',
      ...post,
      path: '/orders/2/refund',
      token: minted.sam,
      ...needsSignIn(mfa),
    },
    {
      title: 'Staff refund, and the app may not either',
      ...post,
      path: '/orders/2/refund',
      token: minted.samReading,
      ...needsSignIn(`scope="orders:refund", ${mfa}`),
    },
    {
      title: 'Staff refund with a fresh second factor',
      ...post,
      path: '/orders/2/refund',
      token: minted.samWithFactor,
    },
    { title: 'The machine exports', ...get, path: '/exports/orders', token: minted.machine },
    { title: 'The machine reads an order', ...get, path: '/orders/1', token: minted.machine, ...denied },
    { title: 'Another machine exports', ...get, path: '/exports/orders', token: minted.otherMachine, ...denied },
    { title: 'A customer exports', ...get, path: '/exports/orders', token: minted.adaExporting, ...denied },
    { title: 'Nobody reads', ...get, path: '/orders/1', token: undefined, status: 401, code: 'missing_token' },
  ]
}

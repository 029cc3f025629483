import { issuer } from '../tokens/mint.js'
import { headersWith } from './bearer.js'
import type { CaseGroup } from './case.js'

/** How the issuer is asked, which the process of the key sets stands for. */
export function askingAt(keyServer: string, cache?: { readonly seconds: number }): object {
  return {
    clientId: 'orders-api',
    clientAuthentication: { method: 'client_secret_basic', clientSecret: 'not-a-secret-of-anything' },
    endpoint: `${keyServer}/introspection`,
    cache,
  }
}

export const rememberedOpaque: CaseGroup = {
  id: 'remembered opaque token, middleware and guard',
  way: 'middleware',
  algorithm: 'RS256',
  inFlight: 1,
  warmUp: 15_000,
  count: 1000,
  scope: 'orders:read',
  options: ({ keyServer, jwks }) => ({
    issuer: { issuer, jwks, introspection: askingAt(keyServer, { seconds: 300 }) },
  }),
  make: () =>
    Promise.resolve([
      { id: 'remembered opaque token, middleware and guard', material: [headersWith('Bearer 2YotnFZFEjr1zCsicMWpAA')] },
    ]),
}

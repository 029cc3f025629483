import { issuer } from '../tokens/mint.js'
import { headersWith } from './bearer.js'
import type { CaseGroup } from './case.js'

/** How the issuer is asked, which the process of the key sets stands for. */
function askingAt(keyServer: string, cache?: { readonly seconds: number }): object {
  return {
    clientId: 'orders-api',
    clientAuthentication: { method: 'client_secret_basic', clientSecret: 'not-a-secret-of-anything' },
    endpoint: `${keyServer}/introspection`,
    cache,
  }
}

const opaque = {
  way: 'middleware',
  algorithm: 'RS256',
  scope: 'orders:read',
} as const

function makeOpaque(id: string): CaseGroup['make'] {
  return () => Promise.resolve([{ id, material: [headersWith('Bearer 2YotnFZFEjr1zCsicMWpAA')] }])
}

export const rememberedOpaque: CaseGroup = {
  ...opaque,
  id: 'remembered opaque token, middleware and guard',
  inFlight: 1,
  warmUp: 15_000,
  count: 1000,
  options: ({ keyServer, jwks }) => ({
    issuer: { issuer, jwks, introspection: askingAt(keyServer, { seconds: 300 }) },
  }),
  make: makeOpaque('remembered opaque token, middleware and guard'),
}

/** The issuer is asked each time, on this machine. Not counted: what `fetch` allocates depends on how the answer arrives. */
export const askedOpaque: CaseGroup = {
  ...opaque,
  id: 'opaque token, the issuer asked',
  inFlight: 1,
  warmUp: 1000,
  count: 100,
  options: ({ keyServer, jwks }) => ({ issuer: { issuer, jwks, introspection: askingAt(keyServer) } }),
  make: makeOpaque('opaque token, the issuer asked'),
}

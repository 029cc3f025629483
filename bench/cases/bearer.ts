import { algorithms } from '../tokens/keys.js'
import type { CaseGroup } from './case.js'

const HOST = ['Host', 'api.example.com'] as const

/** The headers of a request with these credentials. */
export function headersWith(authorization: string): readonly string[] {
  return [...HOST, 'Authorization', authorization]
}

export const remembered: CaseGroup = {
  id: 'remembered token, middleware and guard',
  way: 'middleware',
  algorithm: 'RS256',
  inFlight: 1,
  warmUp: 15_000,
  count: 1000,
  scope: 'orders:read',
  peers: ['fast-jwt-pem', 'jose', 'express-oauth2-jwt-bearer'],
  async make(_calls, { tokens }) {
    const [token = ''] = await tokens('RS256', 1)
    return [{ id: 'remembered token, middleware and guard', material: [headersWith(`Bearer ${token}`)] }]
  },
}

/** Tokens that nobody has seen, 32 at once, by themselves and through the middleware. */
export const newTokens: readonly CaseGroup[] = algorithms.flatMap((algorithm) =>
  (['verify', 'middleware'] as const).map((way): CaseGroup => {
    const id = `new token, ${algorithm}, ${way === 'verify' ? 'verification alone' : 'middleware'}`
    return {
      id,
      way,
      algorithm,
      inFlight: 32,
      warmUp: 4000,
      count: 500,
      peers: ['fast-jwt-pem', 'jose', 'express-oauth2-jwt-bearer', ...(way === 'verify' ? ['bare'] : [])],
      async make(calls, { tokens }) {
        const all = await tokens(algorithm, calls)
        return [{ id, material: way === 'verify' ? all : all.map((token) => headersWith(`Bearer ${token}`)) }]
      },
    }
  }),
)

import { readProof } from '../../../src/request/read-proof.js'
import type { IncomingRequest } from '../../../src/request/incoming-request.js'

const REPEATED = { code: 'invalid_dpop_proof', detail: 'the DPoP header came more than once' }

describe('the proof of a request', () => {
  test.each<[name: string, request: IncomingRequest, expected: object]>([
    [
      'one field',
      { rawHeaders: ['dpop', 'a.b.c'], method: 'GET', url: '/orders', headers: { dpop: 'a.b.c' } },
      { proof: 'a.b.c', method: 'GET', target: '/orders' },
    ],
    [
      'no field',
      { method: 'GET', url: '/orders', headers: {} },
      { proof: undefined, method: 'GET', target: '/orders' },
    ],
    [
      'two fields',
      { rawHeaders: ['DPoP', 'a', 'dpop', 'a'], method: 'GET', url: '/', headers: { dpop: 'a' } },
      REPEATED,
    ],
    ['a list of values', { method: 'GET', url: '/', headers: { dpop: ['a'] } }, REPEATED],
    [
      'a router took off what it is mounted at',
      { method: 'GET', url: '/1', originalUrl: '/orders/1?x=1', headers: {} },
      { method: 'GET', target: '/orders/1?x=1' },
    ],
    [
      'method-override put another method into its place',
      { method: 'DELETE', originalMethod: 'POST', url: '/', headers: {} } as IncomingRequest,
      { method: 'POST', target: '/' },
    ],
    [
      'a request of the web',
      new Request('https://api.example.com/orders?x=1', { method: 'PUT', headers: { DPoP: 'a.b.c' } }),
      { proof: 'a.b.c', method: 'PUT', target: 'https://api.example.com/orders?x=1' },
    ],
  ])('%s', (_name, request, expected) => {
    expect(readProof(request)).toEqual(expected)
  })
})

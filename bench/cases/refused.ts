import { createPrivateKey } from 'node:crypto'
import { generateKey, signingKey } from '../tokens/keys.js'
import { claimsOf, headerOf, signToken, type Signer } from '../tokens/mint.js'
import { headersWith } from './bearer.js'
import type { Case, CaseGroup } from './case.js'

/** What strangers send. Each kind is one request that comes again, since none of it is remembered. */
export const refused: readonly CaseGroup[] = [false, true].map((metadata) => ({
  id: metadata ? 'refused behind metadata' : 'refused',
  way: 'middleware',
  algorithm: 'RS256',
  inFlight: 1,
  warmUp: 1200,
  count: 300,
  metadata,
  make: () =>
    Promise.resolve(
      refusedRequests().map(({ id, ...kind }) => ({
        ...kind,
        id: `${metadata ? 'refused behind metadata' : 'refused'}: ${id}`,
      })),
    ),
}))

/** The kinds, with what is answered to each. */
function refusedRequests(): readonly Case[] {
  const { kid, privateKey } = signingKey('RS256')
  const signer: Signer = { kid, algorithm: 'RS256', key: createPrivateKey(privateKey) }
  const stranger: Signer = { ...signer, key: generateKey('RS256').privateKey }
  const now = Math.floor(Date.now() / 1000)
  const claims = claimsOf(0, now)
  const signed = (changes: object, header: object = {}, by = signer): string =>
    signToken({ ...headerOf(by), ...header }, { ...claims, ...changes }, by)
  const bearer = (id: string, token: string, status = 401): Case => ({
    id,
    status,
    material: [headersWith(`Bearer ${token}`)],
  })
  const good = signed({})
  const [header = '', , signature = ''] = good.split('.')
  const idToken = { nonce: 'n-0S6_WzA2Mj', at_hash: '77QmUPtjPfzWtF2AnpK9RQ', auth_time: now, name: 'Jane Doe' }
  return [
    { id: 'no token', status: 401, material: [['Host', 'api.example.com']] },
    { id: 'another scheme', status: 401, material: [headersWith('Basic YWxpY2U6c2VjcmV0')] },
    bearer('not token68', 'what, is, this?', 400),
    {
      id: 'two fields',
      status: 400,
      material: [[...headersWith(`Bearer ${good}`), 'Authorization', `Bearer ${good}`]],
    },
    bearer('garbage', 'garbage'),
    bearer('no algorithm', `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`),
    bearer('unknown key', signed({}, { kid: 'made-up' })),
    bearer('expired', signed({ iat: now - 7200, exp: now - 3600 })),
    bearer('another issuer', signed({ iss: 'https://evil.example.com' })),
    bearer('another audience', signed({ aud: 'https://other.example.com' })),
    bearer('an ID token', signed(idToken, { typ: 'JWT' })),
    bearer('a bad signature', signed({}, {}, stranger)),
    bearer(
      '14 KB of small objects',
      `${header}.${encode({ iss: claims['iss'], a: Array(3300).fill({}) })}.${signature}`,
    ),
    bearer('a string of 11 KB', `${header}.${encode({ iss: claims['iss'], a: 'a'.repeat(11_000) })}.${signature}`),
  ]
}

function encode(members: object): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

import { createPrivateKey } from 'node:crypto'
import { findAble } from '../audit.js'
import { startServer, type Bench } from '../bench.js'
import { unprotected } from '../contenders.js'
import type { IdTokenAnswer } from '../results.js'
import { signingKey } from '../tokens/keys.js'
import { audience, issuer, signToken } from '../tokens/mint.js'

/**
 * What each answers, configured as for everything else, to an ID token of the same issuer that has this API's audience.
 *
 * It is no part of the audit: who never said that it tells the two apart does what it says.
 */
export async function askIdToken(bench: Bench, faults: string[]): Promise<readonly IdTokenAnswer[]> {
  const token = createIdToken()
  const able = await findAble('middleware', { bench, algorithm: 'RS256', faults })
  const answers: IdTokenAnswer[] = []
  for (const contender of able.filter(({ id }) => id !== unprotected.id)) {
    const server = await startServer(contender, { bench, algorithm: 'RS256' })
    const headers = { authorization: `Bearer ${token}` }
    const { status } = await fetch(`http://127.0.0.1:${String(server.port)}/`, { headers })
    answers.push({ contender: contender.id, status })
    server.process.end()
  }
  return answers
}

/** OpenID Connect Core section 2, with what marks an ID token and nothing that marks an access token. */
function createIdToken(): string {
  const { kid, algorithm, privateKey } = signingKey('RS256')
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    sub: 'user-1',
    aud: audience,
    iat: now,
    exp: now + 300,
    auth_time: now,
    nonce: 'n-0S6_WzA2Mj',
    at_hash: '77QmUPtjPfzWtF2AnpK9RQ',
    name: 'Jane Doe',
    email: 'jane@example.com',
  }
  return signToken({ alg: algorithm, typ: 'JWT', kid }, claims, { kid, algorithm, key: createPrivateKey(privateKey) })
}

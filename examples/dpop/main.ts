import { randomBytes } from 'node:crypto'
import { findRedisServer, startRedisServer } from '../processes/redis-server.js'
import { createClient, readAnswer, type Answer, type Sent } from './client.js'
import { startIssuer } from '../processes/issuer.js'
import { startProcess } from '../processes/start-process.js'

/** Where clients reach the API. */
const origin = 'https://api.example.com'

const redisServer = findRedisServer()
if (redisServer === undefined) {
  console.log('skipped: what processes share is in a Redis, and there is no redis-server here.')
  process.exit(process.env['REQUIRE_SERVICES'] === undefined ? 0 : 1)
}

const api = new URL('./api.ts', import.meta.url)

/** What was answered in another way than it should be. */
const surprises: string[] = []
const redis = await startRedisServer(redisServer)
try {
  await tell()
} finally {
  await redis.stop()
}
// The processes of the API end with this one.
process.exit(surprises.length === 0 ? 0 : 1)

async function tell(): Promise<void> {
  const issuer = await startIssuer(origin)
  const environment = {
    OAUTH_ISSUER: issuer,
    OAUTH_AUDIENCE: origin,
    API_ORIGIN: origin,
    REDIS_URL: redis.url,
    NONCE_SECRET: randomBytes(32).toString('hex'),
  }
  const [one, other] = await Promise.all([startProcess(api, environment), startProcess(api, environment)])
  const client = await createClient(issuer, origin)
  const thief = await createClient(issuer, origin)
  const token = await client.getToken()
  console.log(`Two processes of ${origin}, and a token that is bound to the key of its client:\n`)

  show('a proof without a nonce', await client.send(token, one), 'use_dpop_nonce')
  show('with the nonce, at the other process', await client.send(token, other))
  const proved = client.sent()
  show('the same once more', await again(proved, other), 'invalid_dpop_proof')
  show('the same once more, at the first process', await again(proved, one), 'invalid_dpop_proof')
  show('a new proof', await client.send(token, one))
  const alone = { ...proved, headers: { authorization: `Bearer ${token}` } }
  show('the token alone, as Bearer', await again(alone, one), 'key_bound_token')
  show("the token stolen, with a proof of the thief's", await thief.send(token, one), 'key_binding_mismatch')
  redis.pause()
  show('a new proof while Redis does not answer', await client.send(token, other), 'store_unavailable')
  redis.resume()
  show('a new proof when it does', await client.send(token, other))
}

/** Sends what somebody has read of a request, by way of a process. */
async function again({ headers }: Sent, port: number): Promise<Answer> {
  return readAnswer(await fetch(`http://127.0.0.1:${String(port)}/orders`, { headers }))
}

/** @param code - What is expected: `''` for a good answer. */
function show(title: string, answer: Answer, code = ''): void {
  const isRight = answer.code === code && (answer.status === 200) === (code === '')
  if (!isRight) surprises.push(title)
  console.log(`${isRight ? 'ok    ' : 'NOT OK'} ${String(answer.status)} ${answer.code.padEnd(20)} ${title}`)
}

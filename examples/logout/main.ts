import { setTimeout as wait } from 'node:timers/promises'
import { findRedisServer, startRedisServer } from '../processes/redis-server.js'
import { client, startIssuer } from '../processes/issuer.js'
import { startProcess } from '../processes/start-process.js'

const audience = 'https://api.example.com'

const redisServer = findRedisServer()
if (redisServer === undefined) {
  console.log('skipped: what processes share is in a Redis, and there is no redis-server here.')
  process.exit(process.env['REQUIRE_SERVICES'] === undefined ? 0 : 1)
}

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
  const issuer = await startIssuer(audience)
  const environment = { OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: audience, REDIS_URL: redis.url }
  const api = new URL('./api.ts', import.meta.url)
  const [one, other] = await Promise.all([startProcess(api, environment), startProcess(api, environment)])
  const [mine, another] = [await getToken(issuer), await getToken(issuer)]
  console.log(`Two processes of ${audience}, one Redis, and two good tokens:\n`)

  show('a token, at either process', await ask(mine, one))
  show('at the other', await ask(mine, other))
  show('its sign-out at the first', await ask(mine, one, 'POST', '/sign-out'))
  show('the same token, at the first', await ask(mine, one), 'token_revoked')
  show('and at the other', await askUntil(mine, other, 'token_revoked'), 'token_revoked')
  show('another token', await ask(another, other))
  redis.pause()
  show(
    'another, while nobody can tell',
    await askUntil(another, other, 'revocation_unavailable'),
    'revocation_unavailable',
  )
  show('the one that was signed out, meanwhile', await ask(mine, other), 'token_revoked')
  redis.resume()
  show('another, when Redis answers', await askUntil(another, other, ''))
  show('the one that was signed out', await ask(mine, other), 'token_revoked')
}

interface Answer {
  readonly status: number
  /** Empty for a good one. */
  readonly code: string
}

async function getToken(issuer: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...client,
      resource: audience,
      scope: 'orders:read',
    }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string } // of the provider above
  return token
}

async function ask(token: string, port: number, method = 'GET', path = '/orders'): Promise<Answer> {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, { method, headers })
  if (response.ok) return { status: response.status, code: '' }
  const { code } = (await response.json()) as { code: string } // of the API above
  return { status: response.status, code }
}

/** Asks again until an answer is as it should be, for half a minute: messages take a moment. */
async function askUntil(token: string, port: number, code: string): Promise<Answer> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await ask(token, port)
    if (answer.code === code) return answer
    await wait(100)
  }
  return ask(token, port)
}

function show(title: string, { status, code }: Answer, expected = ''): void {
  const isRight = code === expected
  if (!isRight) surprises.push(title)
  console.log(`${isRight ? 'ok    ' : 'NOT OK'} ${String(status)} ${code.padEnd(23)} ${title}`)
}

import { createHmac } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createAuthenticator, type Authenticator } from '../../src/authenticator.js'
import { encode } from '../kit/forge.js'

const secret = Buffer.alloc(32, 7)
const issuer = 'https://login.example.com'
const audience = 'https://api.example.com'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The bytes that live objects take. */
export function heapUsed(): number {
  for (let i = 0; i < 3; i++) collectGarbage()
  return process.memoryUsage().heapUsed
}

export function createServer(maxEntries = 10_000): Authenticator {
  return createAuthenticator({
    issuer,
    audience,
    algorithms: ['HS256'],
    jwks: { keys: [{ kty: 'oct', k: secret.toString('base64url') }] },
    verifiedTokenCache: { maxEntries },
    clock: () => 1_800_000_000_000,
  })
}

/** A genuine token with members of its own, given as JSON. */
export function mint(n: number, members = '"name":"Somebody","email":"somebody@example.com"'): string {
  const header = encode({ alg: 'HS256', typ: 'at+jwt' })
  const usual = `"iss":"${issuer}","aud":"${audience}","sub":"user-${String(n)}","client_id":"app","jti":"${String(n)}-0123456789abcdef","iat":1799999999,"exp":1800000300,"scope":"orders:read orders:write"`
  const signed = `${header}.${encode(`{${usual},${members}}`)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

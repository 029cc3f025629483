import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createTestIssuer } from 'express-resource-server/testing'
import { createTokenFiles, type TokenFiles } from '../token-files.js'
import { createApi } from './api.js'
import { prepare, type Demonstration } from './demonstrations.js'

/** So that a line has 80 columns at most; the whole code is in the answer. */
const SHORT: Readonly<Record<string, string>> = {
  access_denied: 'denied',
  insufficient_scope: 'scope missing',
  insufficient_user_authentication: 'sign in better',
  missing_token: 'no token',
}

// The tokens are those of a test issuer: it signs what it is told to, so that every claim that counts can be seen.
const issuer = await createTestIssuer()
const server = createApi(issuer.options).listen(Number(process.env['PORT'] ?? 0), '127.0.0.1')
const files = createTokenFiles()
process.once('exit', files.remove)
const stop = (): void => {
  server.close()
  server.closeAllConnections()
}

try {
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  const api = `http://127.0.0.1:${String(port)}`
  const demonstrations = await prepare(issuer)
  if (process.argv.includes('--check')) {
    process.exitCode = (await check(api, demonstrations)) ? 0 : 1
    stop()
  } else {
    await show(api, demonstrations, files)
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    process.once('SIGHUP', stop)
  }
} catch (error) {
  console.error(error instanceof Error ? `${error.message}: set PORT to a free port, or leave it out.` : error)
  process.exit(1)
}

async function show(api: string, all: readonly Demonstration[], files: TokenFiles): Promise<void> {
  for (const [index, one] of all.entries()) {
    const { status, code = '' } = await ask(api, one)
    files.write(String(index + 1), one.token)
    const line = [
      String(index + 1).padStart(2),
      one.method.padEnd(4),
      one.path.padEnd(16),
      String(status),
      SHORT[code] ?? code,
    ]
    console.log(`${line.join(' ').padEnd(44)} ${one.title}`)
  }
  console.log(`Try line 3: curl -i${files.write('3', all[2]?.token)} ${api}${all[2]?.path ?? ''}`)
  console.log('The rules: examples/policies/policies.ts. No token expires. Ctrl-C ends it.')
}

async function check(api: string, all: readonly Demonstration[]): Promise<boolean> {
  let asExpected = true
  for (const one of all) {
    const { title, status, code, challenge } = one
    const answer = await ask(api, one)
    const expected = [status, code, challengeOf(status, challenge)]
    const actual = [answer.status, answer.code, answer.challenge]
    const ok = expected.every((one, index) => one === actual[index])
    console.log(`${ok ? 'ok    ' : 'NOT OK'} ${title}: ${actual.filter((one) => one !== undefined).join(' ')}`)
    asExpected &&= ok
  }
  return asExpected
}

async function ask(
  api: string,
  { method, path, token }: Demonstration,
): Promise<{ status: number; code: string | undefined; challenge: string | undefined }> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const response = await fetch(`${api}${path}`, { method, ...(headers && { headers }) })
  const { code } = (await response.json()) as { code?: string } // what was asked for, or a problem
  return { status: response.status, code, challenge: response.headers.get('www-authenticate') ?? undefined }
}

/** The whole challenge: a 401 always has one, a 403 only where another token would help. */
function challengeOf(status: number, challenge: string | undefined): string | undefined {
  if (challenge !== undefined) return `Bearer realm="api", ${challenge}`
  return status === 401 ? 'Bearer realm="api"' : undefined
}

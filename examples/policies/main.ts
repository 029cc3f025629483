import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createTestIssuer } from 'express-resource-server/testing'
import { createApi } from './api.js'
import { prepare, type Demonstration } from './demonstrations.js'

// The tokens are those of a test issuer: it signs what it is told to, so that every claim that counts can be seen.
const issuer = await createTestIssuer()
const server = createApi(issuer.options).listen(Number(process.env['PORT'] ?? 0), '127.0.0.1')
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
    print(api, demonstrations)
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  }
} catch (error) {
  console.error(error instanceof Error ? `${error.message}: set PORT to a free port, or leave it out.` : error)
  process.exit(1)
}

function print(api: string, all: readonly Demonstration[]): void {
  console.log(`API      ${api}, its rules in examples/policies/policies.ts`)
  for (const { title, method, path, token, status, code } of all) {
    const header = token === undefined ? '' : ` -H 'Authorization: Bearer ${token}'`
    console.log(`\n# ${title}: ${String(status)}${code === undefined ? '' : ` ${code}`}`)
    console.log(`curl -i -X ${method}${header} ${api}${path}`)
  }
  console.log('\nThe clock of the issuer stands still, so that no token expires. Ctrl-C ends the API.')
}

async function check(api: string, all: readonly Demonstration[]): Promise<boolean> {
  let asExpected = true
  for (const { title, method, path, token, status, code, challenge } of all) {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
    const response = await fetch(`${api}${path}`, { method, ...(headers && { headers }) })
    const body = (await response.json()) as { code?: string } // what was asked for, or a problem
    const expected = [status, code, challengeOf(status, challenge)]
    const actual = [response.status, body.code, response.headers.get('www-authenticate') ?? undefined]
    const ok = expected.every((one, index) => one === actual[index])
    console.log(`${ok ? 'ok    ' : 'NOT OK'} ${title}: ${actual.filter((one) => one !== undefined).join(' ')}`)
    asExpected &&= ok
  }
  return asExpected
}

/** The whole challenge: a 401 always has one, a 403 only where another token would help. */
function challengeOf(status: number, challenge: string | undefined): string | undefined {
  if (challenge !== undefined) return `Bearer realm="api", ${challenge}`
  return status === 401 ? 'Bearer realm="api"' : undefined
}

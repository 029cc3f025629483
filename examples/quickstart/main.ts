import { createServer } from 'node:http'
import { listen } from '../listen.js'
import { createApi } from './api.js'
import { advice, clients, startIssuer } from './issuer.js'
import { signIn } from './sign-in.js'

const audience = 'https://api.example.com'
const scopes = 'orders:read orders:write'

/** One request and what the API must answer to it. */
interface Demonstration {
  readonly title: string
  readonly token: string | undefined
  readonly status: number
  readonly code?: string
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function main(): Promise<void> {
  const { issuer, server: issuerServer } = await startIssuer({ audience, scopes, port: portFrom('ISSUER_PORT') })
  const apiServer = createServer(createApi({ issuer, audience }))
  const api = `http://127.0.0.1:${String(await listen(apiServer, { port: portFrom('PORT'), advice }))}`
  const demonstrations = await prepare(issuer)
  const stop = (): void => {
    for (const server of [apiServer, issuerServer]) {
      server.close()
      server.closeAllConnections()
    }
  }
  if (process.argv.includes('--check')) {
    process.exitCode = (await check(api, demonstrations)) ? 0 : 1
    stop()
    return
  }
  print(api, issuer, demonstrations)
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

/** Signs a user in and puts each token beside the answer that it must get. */
async function prepare(issuer: string): Promise<readonly Demonstration[]> {
  const ada = await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:read' })
  const writer = await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:write' })
  const late = await signIn({ issuer, audience, clientId: clients.late, scope: 'orders:read' })
  return [
    { title: 'An access token with the scope orders:read', token: ada.access_token, status: 200 },
    { title: "The same user's ID token", token: ada.id_token, status: 401, code: 'id_token_presented' },
    { title: 'An access token without the scope', token: writer.access_token, status: 403, code: 'insufficient_scope' },
    { title: 'No token', token: undefined, status: 401, code: 'missing_token' },
    { title: 'An expired access token', token: late.access_token, status: 401, code: 'token_expired' },
  ]
}

function print(api: string, issuer: string, all: readonly Demonstration[]): void {
  console.log(`API      ${api}/orders`)
  console.log(`Issuer   ${issuer} (oidc-provider, made for this demonstration${runtimeNote()})`)
  for (const { title, token, status, code } of all) {
    const header = token === undefined ? '' : ` -H 'Authorization: Bearer ${token}'`
    console.log(`\n# ${title}: ${String(status)}${code === undefined ? '' : ` ${code}`}`)
    console.log(`curl -i${header} ${api}/orders`)
  }
  console.log('\nThe tokens live for 5 minutes. Ctrl-C ends both.')
}

async function check(api: string, all: readonly Demonstration[]): Promise<boolean> {
  let asExpected = true
  for (const { title, token, status, code } of all) {
    const response = await fetch(
      `${api}/orders`,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    )
    const body = (await response.json()) as { code?: string } // either the orders or a problem
    const ok = response.status === status && body.code === code
    console.log(`${ok ? 'ok    ' : 'NOT OK'} ${title}: ${String(response.status)} ${body.code ?? ''}`)
    asExpected &&= ok
  }
  return asExpected
}

/** What oidc-provider would say itself, in ten lines less. */
function runtimeNote(): string {
  return process.release.lts === 'Iron' ? '; it recommends Node 22 or later' : ''
}

/** 0, for any free port, unless the environment names one. */
function portFrom(variable: string): number {
  return Number(process.env[variable] ?? 0)
}

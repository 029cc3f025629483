import { createServer } from 'node:http'
import { listen } from '../listen.js'
import { createTokenFiles, type TokenFiles } from '../token-files.js'
import { createApi } from './api.js'
import { advice, clients, startIssuer } from './issuer.js'
import { signIn } from './sign-in.js'

const audience = 'https://api.example.com'
const scopes = 'orders:read orders:write'

/** One request and what the API must answer to it. */
interface Demonstration {
  readonly title: string
  readonly name: string
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
  const files = createTokenFiles()
  process.once('exit', files.remove)
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
  await show(api, issuer, demonstrations, files)
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.once('SIGHUP', stop)
}

/** Signs a user in and puts each token beside the answer that it must get. */
async function prepare(issuer: string): Promise<readonly Demonstration[]> {
  const ada = await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:read' })
  const writer = await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:write' })
  const late = await signIn({ issuer, audience, clientId: clients.late, scope: 'orders:read' })
  return [
    { title: 'An access token with the scope orders:read', name: 'access', token: ada.access_token, status: 200 },
    { title: "The same user's ID token", name: 'id', token: ada.id_token, status: 401, code: 'id_token_presented' },
    {
      title: 'An access token without the scope',
      name: 'writer',
      token: writer.access_token,
      status: 403,
      code: 'insufficient_scope',
    },
    { title: 'No token', name: 'none', token: undefined, status: 401, code: 'missing_token' },
    { title: 'An expired access token', name: 'late', token: late.access_token, status: 401, code: 'token_expired' },
  ]
}

async function show(api: string, issuer: string, all: readonly Demonstration[], files: TokenFiles): Promise<void> {
  console.log(`${api}/orders answers, to tokens of ${issuer}${runtimeNote()}:\n`)
  for (const { title, token } of all) {
    const { status, code = '' } = await ask(api, token)
    console.log(`  ${String(status)} ${code.padEnd(19)} ${title}`)
  }
  console.log('\nAsk it yourself, in another terminal (the tokens are in files and live for 5 minutes):\n')
  for (const { name, token } of all) console.log(`  curl -i${files.write(name, token)} ${api}/orders`)
  console.log('\nWith your own API:\n')
  console.log('  npx express-resource-server explain   why a token of yours is refused')
  console.log('  npx express-resource-server doctor    whether issuer, keys and API are as they should be')
  console.log('  npx express-resource-server dev       an issuer to develop against')
  console.log('\nCtrl-C ends both.')
}

async function check(api: string, all: readonly Demonstration[]): Promise<boolean> {
  let asExpected = true
  for (const { title, token, status, code } of all) {
    const answer = await ask(api, token)
    const ok = answer.status === status && answer.code === code
    console.log(`${ok ? 'ok    ' : 'NOT OK'} ${title}: ${String(answer.status)} ${answer.code ?? ''}`)
    asExpected &&= ok
  }
  return asExpected
}

async function ask(api: string, token: string | undefined): Promise<{ status: number; code?: string }> {
  const response = await fetch(
    `${api}/orders`,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  )
  const { code } = (await response.json()) as { code?: string } // either the orders or a problem
  return { status: response.status, ...(code !== undefined && { code }) }
}

/** What oidc-provider would say itself, in ten lines less. */
function runtimeNote(): string {
  return process.release.lts === 'Iron' ? ' (oidc-provider, which recommends Node 22)' : ''
}

/** 0, for any free port, unless the environment names one. */
function portFrom(variable: string): number {
  return Number(process.env[variable] ?? 0)
}

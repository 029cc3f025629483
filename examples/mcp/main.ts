import { createServer } from 'node:http'
import { listen } from '../listen.js'
import { createApi } from './api.js'
import { createHost } from './host.js'
import { startIssuer, STRONG } from './issuer.js'

/** What is called in turn, what it answers, and what the user has to consent to for it. */
const story = [
  { tool: 'search', text: '2 notes of ada', consents: ['notes:read'] },
  { tool: 'search', text: '2 notes of ada', consents: [] },
  // First the scope, then the sign-in; and what was granted before is asked for again.
  { tool: 'purge', text: 'no more notes of ada', consents: ['notes:read notes:write', STRONG] },
  { tool: 'purge', text: 'no more notes of ada', consents: [] },
]

const apiServer = createServer()
const resource = `http://127.0.0.1:${String(await listen(apiServer, { port: 0, advice: 'try again' }))}/mcp`
const { issuer, server: issuerServer } = await startIssuer(resource)
apiServer.on('request', createApi({ issuer, resource }))

const isCheck = process.argv.includes('--check')
console.log(`A client that knows ${resource} and nothing else:\n`)
const host = createHost(new URL(resource))
let isAsTold = true
for (const { tool, text, consents } of story) {
  const before = host.consents.length
  const answer = await host.call(tool)
  const asked = host.consents.slice(before)
  const isRight = answer === text && consents.every((part) => asked.join(' | ').includes(part))
  isAsTold &&= isRight && (consents.length > 0 || asked.length === 0)
  for (const consent of asked) console.log(`          the user consents to ${consent}`)
  console.log(`${isCheck ? (isAsTold ? 'ok     ' : 'NOT OK ') : '  '}${tool}: ${answer}`)
}
await host.close()
for (const server of [apiServer, issuerServer]) {
  server.close()
  server.closeAllConnections()
}
process.exitCode = isAsTold ? 0 : 1

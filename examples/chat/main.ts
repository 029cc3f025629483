import { createTestIssuer } from 'express-resource-server/testing'
import { listen } from '../listen.js'
import { ask, check } from './check.js'
import { createChat } from './chat.js'

const advice = 'set PORT to a free port, or leave it out'

// The tokens are those of a test issuer; its clock stands still, and here tokens are to end.
const issuer = await createTestIssuer()
const options = { ...issuer.options, clock: () => Date.now() }
const signIn = (): Promise<string> => {
  const now = Math.floor(Date.now() / 1000)
  return issuer.accessToken({ scope: 'chat:read chat:write', iat: now, exp: now + 60 })
}
const http = createChat(options, signIn)
const port = await listen(http, { port: Number(process.env['PORT'] ?? 0), advice })

if (process.argv.includes('--check')) {
  const isFine = await check(`ws://127.0.0.1:${String(port)}`, issuer)
  const [status] = await askWithoutIssuer()
  console.log(`${status === 503 ? 'ok    ' : 'NOT OK'} the issuer is down: ${String(status)}`)
  process.exit(isFine && status === 503 ? 0 : 1)
}
console.log(`http://127.0.0.1:${String(port)} is a chat: open it twice. Ctrl-C ends it.`)

/** A chat whose issuer does not answer. */
async function askWithoutIssuer(): Promise<[status: number, challenge: string | undefined]> {
  const down = await createTestIssuer()
  down.goDown()
  const chat = createChat(down.options, signIn)
  const url = `ws://127.0.0.1:${String(await listen(chat, { port: 0, advice }))}`
  return ask(url, await down.accessToken())
}

import { once } from 'node:events'
import type { TestIssuer } from 'express-resource-server/testing'
import { WebSocket } from 'ws'

/** Drives the chat itself, and tells whether it answers as it must. */
export async function check(url: string, issuer: TestIssuer): Promise<boolean> {
  let asExpected = true
  const expect = (title: string, actual: unknown, expected: unknown): void => {
    const ok = JSON.stringify(actual) === JSON.stringify(expected)
    console.log(`${ok ? 'ok    ' : 'NOT OK'} ${title}: ${JSON.stringify(actual)}`)
    asExpected &&= ok
  }
  const now = Math.floor(Date.now() / 1000)
  const token = (claims: Record<string, unknown> = {}): Promise<string> =>
    issuer.accessToken({ scope: 'chat:read chat:write', ...claims })

  expect('no token', await ask(url), [401, 'Bearer realm="api"'])
  expect('a token without the scope', await ask(url, await token({ scope: 'openid' })), [
    403,
    'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="chat:read"',
  ])

  const short = { iat: now - 60, exp: now + 5 }
  const left = await open(url, await token(short))
  const stays = await open(url, await token(short))
  expect('a good token', await stays.next(), 'hello user-1')
  await left.next()
  stays.socket.send(JSON.stringify({ say: 'hello' }))
  expect('what is said is heard', [await left.next(), await stays.next()], ['user-1: hello', 'user-1: hello'])
  stays.socket.send(JSON.stringify({ renew: await token({ sub: 'user-2' }) }))
  expect('the token of somebody else', await stays.next(), 'refused')
  stays.socket.send(JSON.stringify({ renew: await token() }))
  expect('a fresh token', await stays.next(), 'renewed')
  const [code] = (await once(left.socket, 'close')) as [number]
  expect('the old token ends', code, 3000)
  expect('the fresh one does not', stays.socket.readyState, WebSocket.OPEN)
  stays.socket.terminate()
  return asExpected
}

/** Asks for a connection, and answers with which status and challenge it is refused. */
export async function ask(url: string, token?: string): Promise<[status: number, challenge: string | undefined]> {
  const socket = new WebSocket(
    url,
    'chat',
    token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
  )
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (asked, { statusCode = 0, headers }) => {
      asked.destroy()
      resolve([statusCode, headers['www-authenticate']])
    })
    socket.on('error', reject)
    socket.on('open', () => {
      socket.terminate()
      resolve([101, undefined])
    })
  })
}

/** As a page does it: the token is a subprotocol. What comes is kept until somebody asks. */
async function open(url: string, token: string) {
  const socket = new WebSocket(url, ['chat', `bearer.${token}`])
  const heard: string[] = []
  const waiting: ((text: string) => void)[] = []
  socket.on('message', (data: Buffer) => {
    const { text } = JSON.parse(data.toString()) as { text: string } // the chat is ours
    const take = waiting.shift()
    if (take) take(text)
    else heard.push(text)
  })
  await once(socket, 'open')
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      const text = heard.shift()
      if (text === undefined) waiting.push(resolve)
      else resolve(text)
    })
  return { socket, next }
}

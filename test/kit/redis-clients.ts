import { once } from 'node:events'
import { connect } from 'node:net'
import { Redis as IoRedis } from 'ioredis'
import { Redis as IoValkey } from 'iovalkey'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import type { RedisClient } from '../../src/redis/index.js'

/** A client as an application opens it, ready to use, and how the application closes it. */
export interface OpenClient {
  readonly client: RedisClient
  readonly close: () => void
}

const quiet = (): void => undefined

async function openIoRedis(client: IoRedis | IoValkey): Promise<OpenClient> {
  client.on('error', quiet)
  await once(client, 'ready')
  return {
    client,
    close() {
      client.disconnect()
    },
  }
}

/** The clients that people have, with the options that they come with. */
export const clients: Readonly<Record<string, (url: string) => Promise<OpenClient>>> = {
  async 'redis 6'(url) {
    const client = createClient({ url })
    await client.on('error', quiet).connect()
    return {
      client,
      close() {
        client.destroy()
      },
    }
  },
  async 'redis 5'(url) {
    const client = createClient5({ url })
    await client.on('error', quiet).connect()
    return {
      client,
      close() {
        client.destroy()
      },
    }
  },
  ioredis: (url) => openIoRedis(new IoRedis(url)),
  iovalkey: (url) => openIoRedis(new IoValkey(url)),
}

/** Sends one command by a connection of its own, and gives the answer as Redis writes it. */
export async function command(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`${text}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString().trim()
}

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { listen } from '../listen.js'

const places = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server']

/** Where a Redis is that can be started, if there is one. */
export const findRedisServer = (): string | undefined => places.find((path) => existsSync(path))

export interface RedisServer {
  readonly url: string
  /** Takes connections and answers nothing, until it goes on. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

export interface RedisOptions {
  /** A free one without. */
  readonly port?: number
  /** More options of redis-server. */
  readonly more?: readonly string[]
}

/** Starts a Redis of our own on loopback, that keeps nothing on disk. */
export async function startRedisServer(path: string, { port = 0, more = [] }: RedisOptions = {}): Promise<RedisServer> {
  const at = String(port === 0 ? await freePort() : port)
  const options = ['--port', at, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more]
  const server = spawn(path, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => {
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', () => {
      reject(new Error('redis-server did not start'))
    })
    server.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('Ready to accept connections')) resolve()
    })
  })
  return {
    url: `redis://127.0.0.1:${at}`,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      server.kill('SIGKILL')
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  const port = await listen(probe, { port: 0, advice: 'try again' })
  await new Promise((resolve) => probe.close(resolve))
  return port
}

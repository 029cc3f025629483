import { randomInt } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen, stop } from './server.js'

const places = ['/usr/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx']

/** Where an nginx is that can be started, if there is one. */
export const findNginx = (): string | undefined => places.find((path) => existsSync(path))

export interface Nginx {
  readonly port: number
  readonly stop: () => Promise<void>
}

/** A free port of this machine, as long as nobody else takes it. */
export async function freePort(): Promise<number> {
  // Not one of those that the system gives to whoever asks for any: somebody else might have it before the proxy does.
  const probe = createServer()
  const port = await listen(probe, randomInt(20_000, 30_000))
  await stop(probe)
  return port
}

/** Starts an nginx on loopback, with these lines in its one `server`. */
export async function startNginx(path: string, { port, lines }: { port: number; lines: string }): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr crit;
events {}
http {
  access_log off;
  ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${String(port)};
    ${lines}
  }
}
`,
  )
  const server = spawn(path, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(server, 'exit')
  await Promise.race([
    untilItListens(port),
    ended.then(() => {
      throw new Error('nginx did not start')
    }),
  ])
  return {
    port,
    async stop() {
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

async function untilItListens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      socket.destroy()
    }
  }
}

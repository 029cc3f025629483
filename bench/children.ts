import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A process that answers questions (see measured/answer.js). */
export interface Child {
  ask(name: string, payload?: unknown): Promise<unknown>
  end(): void
}

export interface Children {
  /**
   * Starts a file of this folder; TypeScript through this process' own loader, JavaScript without any.
   *
   * @param core - The only one that it may use, if not any.
   * @param env - Beside this process' own.
   */
  start(file: string, flags?: readonly string[], core?: number, env?: Readonly<Record<string, string>>): Promise<Child>
  /** Ends whatever still runs. */
  endAll(): void
}

type Reply = { readonly value: unknown } | { readonly error: string }

const PATIENCE_SECONDS = 120

export function createChildren(): Children {
  const running = new Set<ChildProcess>()
  return {
    async start(file, flags = [], core, env = {}) {
      const loader = file.endsWith('.ts') ? process.execArgv : []
      const execArgv = [...loader, ...flags]
      const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
        ...(core === undefined
          ? { execArgv }
          : { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...execArgv] }),
        env: { ...process.env, NODE_ENV: 'production', ...env },
      })
      running.add(child)
      child.once('exit', () => running.delete(child))
      await receive(child, file)
      return {
        ask(name, payload) {
          child.send({ name, payload })
          return receive(child, `${file}: ${name}`)
        },
        end: () => child.kill('SIGKILL'),
      }
    },
    endAll() {
      for (const child of running) child.kill('SIGKILL')
    },
  }
}

/** The next message, or whatever keeps it from coming. */
async function receive(child: ChildProcess, what: string): Promise<unknown> {
  const waiting = new AbortController()
  const { signal } = waiting
  try {
    const message = once(child, 'message', { signal }).then(([reply]) => reply as Reply) // measured/answer.js sends it
    const exit = once(child, 'exit', { signal }).then(([code]): Reply => ({ error: `it ended with ${String(code)}` }))
    const late = pause(PATIENCE_SECONDS * 1000, undefined, { signal }).then((): Reply => ({
      error: `it took longer than ${String(PATIENCE_SECONDS)} s`,
    }))
    const reply = await Promise.race([message, exit, late])
    if ('error' in reply) throw new Error(`${what}: ${reply.error}`)
    return reply.value
  } finally {
    waiting.abort()
  }
}

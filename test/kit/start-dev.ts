import { PassThrough } from 'node:stream'
import { runCli } from '../../src/cli/run-cli.js'

/** The command `dev`, as it runs. */
export interface Running {
  readonly issuer: string
  readonly printed: () => string
  readonly complaints: () => string
  readonly press: (keys: string) => void
  readonly stop: () => Promise<number>
}

/** Runs the command in this process, with lines as its keys. */
export async function startDev(...flags: readonly string[]): Promise<Running> {
  const input = new PassThrough()
  let printed = ''
  let complaints = ''
  const exit = runCli(['dev', '--port', '0', ...flags], {
    input,
    output: { write: (text: string) => (printed += text) },
    errors: { write: (text: string) => (complaints += text) },
    env: {},
  })
  while (!printed.includes('Keys\n')) {
    if ((await Promise.race([exit, new Promise((resolve) => setImmediate(resolve))])) !== undefined)
      throw new Error(complaints)
  }
  return {
    issuer: /OAUTH_ISSUER=(\S+)/.exec(printed)?.[1] ?? '',
    printed: () => printed,
    complaints: () => complaints,
    press: (keys) => input.write(`${keys}\n`),
    stop() {
      input.write('q\n')
      return exit
    },
  }
}

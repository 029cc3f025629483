import { Readable } from 'node:stream'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../src/cli/run-cli.js'

export interface Ran {
  readonly exitCode: number
  readonly output: string
  readonly errors: string
}

const folder = mkdtempSync(join(tmpdir(), 'cli-'))
let files = 0

/** Writes a file for a command to read, and answers with its path. */
export function writeInput(content: string, extension = 'json'): string {
  const path = join(folder, `${String(++files)}.${extension}`)
  writeFileSync(path, content)
  return path
}

/** Runs a command line in this process, as in a pipe. */
export async function run(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const written = { output: '', errors: '' }
  const into = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text
    },
  })
  const exitCode = await runCli(args, {
    input: Readable.from([input]),
    output: into('output'),
    errors: into('errors'),
    env,
  })
  return { exitCode, ...written }
}

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { ConfigurationError } from '../errors.js'
import type { Io } from './io.js'

/** More than any token, and than what is read of one. */
const MAX_LENGTH = 256 * 1024

/**
 * Reads what is to be explained: from the command line, which is warned of, from a pipe, or from a prompt that does not show
 * what is typed.
 *
 * @throws {ConfigurationError} When there is nothing.
 */
export async function readToken(given: readonly string[], io: Io, warn: (text: string) => void): Promise<string> {
  const text = given.length > 0 ? readArguments(given, warn) : await (io.input.isTTY === true ? ask(io) : readAll(io))
  if (text.trim() !== '') return text
  throw new ConfigurationError('There is no token. Pipe it in: npx express-resource-server explain < token.txt')
}

function readArguments(given: readonly string[], warn: (text: string) => void): string {
  warn(
    'The token stood in the command line: it is in the history of this shell, and whoever sees the list of processes has seen it. Pipe it in, or paste it at the prompt.',
  )
  return given.join(' ')
}

async function readAll({ input }: Io): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += String(chunk)
    if (text.length > MAX_LENGTH) break
  }
  return text
}

function ask({ input, errors }: Io): Promise<string> {
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
  const lines = createInterface({ input, output: silent, terminal: true, historySize: 0 })
  return new Promise((resolve) => {
    let text = ''
    lines.once('line', (line) => {
      text = line
      lines.close()
    })
    // Ctrl-C and Ctrl-D too: there is no token then.
    lines.once('close', () => {
      errors.write('\n')
      resolve(text)
    })
    // Only now: until then the terminal itself shows what is typed.
    errors.write('Paste the token and press Enter (it is not shown): ')
  })
}

import { ConfigurationError } from '../../errors.js'
import { readUrl } from '../../lib/urls.js'
import { exits, type ExitCode, type Io } from '../io.js'
import { createLayout } from '../layout.js'
import type { Flags } from '../read-flags.js'
import { isThisMachine } from './authorization.js'
import { isObject } from './is-object.js'
import { wrongNames, wrongs } from './mint.js'

/** Long enough for a machine that is busy, in milliseconds. */
const PATIENCE_MS = 10_000

/** Has a running issuer make a token, and prints it and nothing else: what it is goes beside it. */
export async function orderToken(flags: Flags, words: readonly string[], io: Io, usual: string): Promise<ExitCode> {
  const [person, ...others] = words
  if (others.length > 0) throw new ConfigurationError('"dev token" takes one person.')
  const name = flags.text('wrong')
  const wrong = wrongNames.find((one) => one === name)
  if (name !== undefined && wrong === undefined) {
    throw new ConfigurationError(`--wrong is one of ${wrongNames.join(', ')}.`)
  }
  const seconds = flags.text('seconds')
  const order = {
    person,
    client: flags.text('client'),
    audience: flags.text('audience'),
    scope: flags.texts('scope')?.join(' '),
    seconds: seconds === undefined ? undefined : Number(seconds),
    wrong,
  }
  const layout = createLayout(io.errors, io.env)
  const at = placeOf(flags.text('issuer') ?? usual)
  const answer = await ask(at, order)
  if (answer === undefined) {
    layout.row('Nobody', `answers at ${at}. Start one, and try again:`, 'bad')
    layout.row('', 'npx express-resource-server dev')
    return exits.undecided
  }
  if (typeof answer['token'] !== 'string') throw new ConfigurationError(readError(answer))
  io.output.write(`${answer['token']}\n`)
  if (wrong !== undefined) {
    layout.row('Wrong', `${wrongs[wrong].about}: 401 ${String(answer['code'])}`, 'unsure')
  }
  return exits.accepted
}

function readError({ error }: Readonly<Record<string, unknown>>): string {
  return typeof error === 'string' ? error : 'What answers there is no such issuer: --issuer URL names another one.'
}

/** An issuer on this machine: an order goes nowhere else. */
function placeOf(text: string): string {
  const url = readUrl(text)
  if (url?.protocol === 'http:' && isThisMachine(url.hostname)) return url.origin
  throw new ConfigurationError('--issuer must be an issuer of "dev" on this machine: http://127.0.0.1:9400, say.')
}

async function ask(at: string, order: object): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const response = await fetch(`${at}/dev/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(order),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const document: unknown = await response.json().catch(() => ({}))
    return isObject(document) ? document : {}
  } catch {
    return undefined
  }
}

import { ConfigurationError } from '../../errors.js'
import { nearestName } from '../../config/nearest-name.js'
import { profileNames } from '../../tokens/profiles/index.js'
import { exits, type ExitCode, type Io } from '../io.js'
import { createLayout, type Layout } from '../layout.js'
import type { FlagTypes, Flags } from '../read-flags.js'
import { isThisMachine } from './authorization.js'
import { createDevIssuer, type DevIssuer } from './create-dev-issuer.js'
import { lookAlikes, type LookAlike } from './look-alikes.js'
import { orderToken } from './order-token.js'
import { readPeople } from './people.js'
import { readKeys } from './read-keys.js'
import { serve } from './serve.js'

export const devFlags: FlagTypes = {
  port: { type: 'string' },
  host: { type: 'string' },
  like: { type: 'string' },
  audience: { type: 'string' },
  people: { type: 'string' },
  seconds: { type: 'string' },
  // Of "dev token".
  issuer: { type: 'string' },
  scope: { type: 'string', isList: true },
  client: { type: 'string' },
  wrong: { type: 'string' },
}

/** Where it listens unless told otherwise. */
const PORT = 9400

/** Runs an issuer to develop against until it is told to stop, or has the one that runs make a token. */
export async function dev(flags: Flags, io: Io, warn: (text: string) => void): Promise<ExitCode> {
  if (io.env['NODE_ENV'] === 'production') {
    throw new ConfigurationError('NODE_ENV is "production": this issuer lets everybody in, and does not start there.')
  }
  const [first, ...others] = flags.positionals
  if (first === 'token') return orderToken(flags, others, io, `http://127.0.0.1:${String(PORT)}`)
  if (first !== undefined) throw new ConfigurationError('"dev" takes no word but "token".')
  for (const name of ['issuer', 'scope', 'client', 'wrong']) {
    if (flags.isSet(name)) throw new ConfigurationError(`The flag --${name} is of "dev token".`)
  }
  return run(flags, io, warn)
}

async function run(flags: Flags, io: Io, warn: (text: string) => void): Promise<ExitCode> {
  const people = readPeople(flags.text('people'), warn)
  const like = readLike(flags.text('like'))
  const host = readHost(flags.text('host'))
  const port = readNumber(flags, 'port', 65_535) ?? PORT
  const seconds = readNumber(flags, 'seconds', 31_536_000)
  let issuer: DevIssuer | undefined
  const listening = await serve({
    host,
    port,
    async start(origin) {
      issuer = await createDevIssuer({ origin, like, people, seconds, audience: flags.text('audience') })
      return issuer.answer
    },
  })
  if (issuer === undefined) throw new ConfigurationError('The issuer did not start.')
  const layout = createLayout(io.output, io.env)
  introduce(layout, issuer, like, people.all()[0]?.sub ?? 'user-1')
  await readKeys(io, keysOf(issuer, layout))
  listening.close()
  return exits.accepted
}

function introduce(layout: Layout, { issuer, audience }: DevIssuer, like: LookAlike, sub: string): void {
  layout.verdict('Running', 'good', `an issuer for development: ${issuer}`)
  layout.row('Tokens', `as those of ${like === 'generic' ? 'RFC 9068' : like}, for the audience ${audience}`)
  layout.heading('Your API: start it with')
  layout.row('', `OAUTH_ISSUER=${issuer}`)
  layout.row('', `OAUTH_AUDIENCE=${audience}`)
  // Of some the name of the issuer says it, but not when it is on this machine.
  const profile = profileNames.find((name) => name === like)
  if (profile !== undefined && profile !== 'generic') layout.row('', `and requireAuth({ profile: '${profile}' })`)
  layout.heading('A token, in another shell')
  layout.row('', `npx express-resource-server dev token ${sub} --scope orders:read`)
  layout.heading('Keys')
  layout.row('r', 'sign with a new key')
  layout.row('o', 'switch metadata and keys off, and on again')
  layout.row('q', 'stop')
}

function keysOf(issuer: DevIssuer, layout: Layout): Readonly<Record<string, () => void | Promise<void>>> {
  return {
    async r() {
      await issuer.rotateKeys()
      layout.row('Rotated', 'new tokens are signed with a new key; the old one is still published')
    },
    o() {
      const isUp = issuer.toggleOutage()
      if (isUp) layout.row('On', 'metadata and keys are there again', 'good')
      else layout.row('Off', 'metadata and keys answer 503', 'bad')
    },
  }
}

function readLike(name = 'generic'): LookAlike {
  const found = lookAlikes.find((one) => one === name)
  if (found !== undefined) return found
  const meant = nearestName(name, lookAlikes)
  throw new ConfigurationError(
    `--like knows no such provider.${meant === undefined ? ` It knows ${lookAlikes.join(', ')}.` : ` Did you mean "${meant}"?`}`,
  )
}

function readHost(host = '127.0.0.1'): string {
  if (isThisMachine(host.includes(':') ? `[${host}]` : host)) return host
  throw new ConfigurationError(
    '--host must be this machine: 127.0.0.1, localhost or ::1. Whoever reaches this issuer is whoever they want to be.',
  )
}

function readNumber(flags: Flags, name: string, most: number): number | undefined {
  const text = flags.text(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= most) return value
  throw new ConfigurationError(`The flag --${name} needs a whole number of at most ${String(most)}.`)
}

import { nearestName } from '../config/nearest-name.js'
import { ConfigurationError } from '../errors.js'
import { quote } from '../lib/quote.js'
import { dev, devFlags } from './dev/dev.js'
import { doctor, doctorFlags } from './doctor/doctor.js'
import { explain, explainFlags } from './explain/explain.js'
import { commands, helpOf, type Command } from './help.js'
import { exits, type ExitCode, type Io } from './io.js'
import { createLayout } from './layout.js'
import { readFlags, type FlagTypes, type Flags } from './read-flags.js'

interface Runner {
  readonly flags: FlagTypes
  readonly run: (flags: Flags, io: Io, warn: (text: string) => void) => Promise<ExitCode>
}

const runners: Readonly<Record<Exclude<Command, 'help'>, Runner>> = {
  explain: { flags: explainFlags, run: explain },
  doctor: { flags: doctorFlags, run: doctor },
  dev: { flags: devFlags, run: dev },
}

/** Runs a command line, and answers with what the shell is told. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  const layout = createLayout(io.errors, io.env)
  const warn = (text: string): void => {
    layout.row('Warning', text, 'unsure')
  }
  io.onWarning?.(warn)
  try {
    return await run(args, io, warn)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    layout.row('Usage', error.message, 'bad')
    return exits.usage
  }
}

async function run(
  [name = 'help', ...args]: readonly string[],
  io: Io,
  warn: (text: string) => void,
): Promise<ExitCode> {
  if (name === 'help' || name === '--help' || name === '-h') {
    io.output.write(helpOf(commands.find((command) => command === args[0]) ?? 'help'))
    return exits.accepted
  }
  const command = commands.find((one) => one === name)
  if (command === undefined || command === 'help') throw new ConfigurationError(describeUnknown(name))
  const { flags: types, run: runCommand } = runners[command]
  const flags = readFlags(args, types)
  if (!flags.isHelp) return runCommand(flags, io, warn)
  io.output.write(helpOf(command))
  return exits.accepted
}

function describeUnknown(name: string): string {
  const meant = nearestName(name, commands)
  // Whatever is long may be a token that was put where the command belongs.
  const what = name.length > 20 ? 'What stands first' : quote(name)
  return `${what} is no command: ${commands.join(', ')}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`
}

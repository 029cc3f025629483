import { parseArgs, type ParseArgsConfig } from 'node:util'
import { nearestName } from '../config/nearest-name.js'
import { ConfigurationError } from '../errors.js'
import { quote } from '../lib/quote.js'

export type FlagTypes = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly isList?: boolean }>>

/** What stood in the command line. */
export interface Flags {
  readonly isHelp: boolean
  /** The text of a flag that comes once. */
  text(name: string): string | undefined
  /** The texts of one that may come several times. */
  texts(name: string): readonly string[] | undefined
  isSet(name: string): boolean
  readonly positionals: readonly string[]
}

/**
 * Reads a command line by the flags that a command has.
 *
 * @throws {ConfigurationError} On an unknown flag, one without its value, one that came twice. No value is repeated in it.
 */
export function readFlags(args: readonly string[], types: FlagTypes): Flags {
  const known: FlagTypes = { ...types, help: { type: 'boolean' } }
  const options: NonNullable<ParseArgsConfig['options']> = {}
  // Each as a list, so that one that came twice can be told.
  for (const [name, { type }] of Object.entries(known)) options[name] = { type, multiple: true }
  options['help'] = { type: 'boolean', multiple: true, short: 'h' }
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) if (token.kind === 'option') checkFlag(token, known)
  for (const [name, given] of Object.entries(values)) {
    if (known[name]?.isList !== true && Array.isArray(given) && given.length > 1) {
      throw new ConfigurationError(`The flag --${name} came twice: it takes one value.`)
    }
  }
  const texts = (name: string): readonly string[] | undefined => {
    const given = values[name]
    return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : undefined
  }
  return {
    isHelp: values['help'] !== undefined,
    text: (name) => texts(name)?.[0],
    texts,
    isSet: (name) => values[name] !== undefined,
    positionals,
  }
}

interface GivenFlag {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
}

function checkFlag({ name, rawName, value }: GivenFlag, known: FlagTypes): void {
  const type = Object.hasOwn(known, name) ? known[name]?.type : undefined
  if (type === undefined) {
    const meant = nearestName(name, Object.keys(known))
    const shown = rawName.length > MAX_SHOWN ? 'A flag that is very long' : quote(rawName)
    throw new ConfigurationError(
      `${shown} is no flag of this command.${meant === undefined ? ' --help lists them.' : ` Did you mean --${meant}?`}`,
    )
  }
  if (type === 'boolean' && value !== undefined) throw new ConfigurationError(`The flag --${name} takes no value.`)
  if (type === 'string' && (value === undefined || value === ''))
    throw new ConfigurationError(`The flag --${name} needs a value.`)
}

/** Nothing that could be a token is repeated. */
const MAX_SHOWN = 40

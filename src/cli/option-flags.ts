import type { ResourceServerOptions } from '../config/options.js'
import type { FlagTypes } from './read-flags.js'

/** The options that a flag can say, each under its own name: `jwksUri` is `--jwks-uri`. */
const kinds = {
  issuer: 'texts',
  audience: 'texts',
  profile: 'text',
  algorithms: 'list',
  jwksUri: 'text',
  jwks: 'file',
  clockToleranceSeconds: 'number',
  maxTokenAgeSeconds: 'number',
  dangerouslyAllowHttp: 'flag',
} as const satisfies Partial<Record<keyof ResourceServerOptions, Kind>>

/** `texts`: comes once for each. `list`: with commas between. `file`: the path of a JSON document. */
type Kind = 'text' | 'texts' | 'list' | 'file' | 'number' | 'flag'

/** An option that a flag can say. */
export type FlagOption = keyof typeof kinds

export const optionKinds: Readonly<Record<FlagOption, Kind>> = kinds

export const flagOptions = Object.keys(kinds) as readonly FlagOption[] // keys of the literal above

/** The flag of an option, without its dashes. */
export function flagOf(option: FlagOption): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The flags of every command that needs a configuration. */
export const configurationFlags: FlagTypes = {
  ...Object.fromEntries(
    flagOptions.map((option) => [
      flagOf(option),
      { type: kinds[option] === 'flag' ? 'boolean' : 'string', isList: ['texts', 'list'].includes(kinds[option]) },
    ]),
  ),
  config: { type: 'string' },
}

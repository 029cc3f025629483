import { readFileSync } from 'node:fs'
import { readListVariable, readVariable } from '../config/environment.js'
import type { ResourceServerOptions } from '../config/options.js'
import { resolveSettings, type Settings } from '../config/resolve-settings.js'
import { ConfigurationError } from '../errors.js'
import { isJsonObject, readJsonObject } from '../lib/strict-json.js'
import type { Io } from './io.js'
import { listExports, loadModule, type Exports } from './load-module.js'
import { flagOf, flagOptions, optionKinds, type FlagOption } from './option-flags.js'
import type { Flags } from './read-flags.js'

/** What is expected of tokens, and who said so. */
export interface Configuration {
  readonly options: ResourceServerOptions
  readonly settings: Settings
  /** Where each option that was said comes from: a flag, the module, a variable. */
  readonly sources: ReadonlyMap<string, string>
}

type Members = Record<string, unknown>

/**
 * Puts a configuration together: a flag wins over the module, and the module over the environment, as what is written wins
 * over it in a program.
 *
 * @throws {ConfigurationError} When there is none, or when it is wrong.
 */
export async function readConfiguration(flags: Flags, env: Io['env']): Promise<Configuration> {
  const sources = new Map<string, string>()
  const members: Members = {}
  const path = flags.text('config')
  for (const [option, value] of Object.entries(path === undefined ? {} : optionsIn(await loadModule(path), path))) {
    if (value === undefined) continue
    members[option] = value
    sources.set(option, path ?? '')
  }
  for (const option of flagOptions) {
    const value = readOption(option, flags)
    if (value === undefined) continue
    checkThatItWins(option, members['issuer'])
    members[option] = value
    sources.set(option, `--${flagOf(option)}`)
  }
  const variables = { issuer: readVariable(env['OAUTH_ISSUER']), audience: readListVariable(env['OAUTH_AUDIENCE']) }
  for (const [option, value] of Object.entries(variables)) {
    if (value === undefined || members[option] !== undefined) continue
    members[option] = value
    sources.set(option, `OAUTH_${option.toUpperCase()}`)
  }
  // Whatever the members are, they are parsed here, before anybody else looks at them.
  const options = members as ResourceServerOptions
  return { options, settings: settle(options), sources }
}

function settle(options: ResourceServerOptions): Settings {
  try {
    return resolveSettings(options, {})
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const option = flagOptions.find((one) => error.message.includes(`"${one}"`))
    const flag = option === undefined ? '' : ` Its flag is --${flagOf(option)}.`
    throw new ConfigurationError(`${error.message}${flag}`, { cause: error })
  }
}

function readOption(option: FlagOption, flags: Flags): unknown {
  const name = flagOf(option)
  switch (optionKinds[option]) {
    case 'text':
      return flags.text(name)
    case 'texts': {
      const texts = flags.texts(name)
      return texts?.length === 1 ? texts[0] : texts
    }
    case 'list':
      return flags.texts(name)?.flatMap((text) => text.split(',').map((one) => one.trim()))
    case 'file':
      return readKeys(flags.text(name))
    case 'number': {
      const text = flags.text(name)
      return text === undefined ? undefined : Number(text)
    }
    case 'flag':
      return flags.isSet(name) ? true : undefined
  }
}

function readKeys(path: string | undefined): unknown {
  if (path === undefined) return undefined
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch {
    throw new ConfigurationError(`The file ${JSON.stringify(path)} of --jwks cannot be read.`)
  }
  const document = readJsonObject(bytes, { depth: 16, containers: Infinity, members: Infinity, commas: Infinity })
  if (document === undefined) {
    throw new ConfigurationError(
      `The file ${JSON.stringify(path)} of --jwks is not one JSON object: save what the issuer answers at its "jwks_uri".`,
    )
  }
  return document
}

/** What is said of one issuer wins over what is said of all, so that a flag would be passed over in silence. */
function checkThatItWins(option: FlagOption, issuer: unknown): void {
  const said = [issuer].flat().find((one) => typeof one === 'object' && one !== null && option in one)
  if (option === 'issuer' || said === undefined) return
  throw new ConfigurationError(
    `The flag --${flagOf(option)} would change nothing: the module says "${option}" of one issuer. Change it there, or name the issuer with --issuer.`,
  )
}

/** The options among what a module exports: the default export, the export `options`, or the only object that there is. */
function optionsIn(exported: Exports, path: string): Members {
  const { default: inner } = exported
  // Of a CommonJS module the default is all that it exports, `exports.options` too.
  const within = isOptions(inner) ? (inner as Members)['options'] : undefined // an object, as was just found
  if (isOptions(within)) return within as Members // likewise
  const objects = Object.entries(exported).filter(([, value]) => isOptions(value))
  const chosen =
    objects.find(([name]) => name === 'default') ??
    objects.find(([name]) => name === 'options') ??
    (objects.length === 1 ? objects[0] : undefined)
  if (chosen !== undefined) return chosen[1] as Members // an object, as was just found
  throw new ConfigurationError(
    `The module ${JSON.stringify(path)} exports no options: export the object that you pass to requireAuth(), as the default or as "options". It exports ${listExports(exported)}.`,
  )
}

function isOptions(value: unknown): boolean {
  return isJsonObject(value) && !Array.isArray(value)
}

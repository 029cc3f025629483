import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigurationError } from '../errors.js'

/** What a module exports, by name. The default export of a CommonJS module that was compiled from an ES module is taken out. */
export type Exports = Readonly<Record<string, unknown>>

/**
 * Runs a module of the user's, and returns what it exports.
 *
 * @throws {ConfigurationError} When it cannot be loaded, with what it threw as the cause: its message may hold anything.
 */
export async function loadModule(path: string): Promise<Exports> {
  try {
    const namespace = (await import(pathToFileURL(resolve(path)).href)) as Exports // a namespace is an object
    const { default: inner } = namespace
    const isTranspiled = typeof inner === 'object' && inner !== null && '__esModule' in inner
    return isTranspiled ? { ...namespace, ...(inner as Exports) } : namespace // an object, as was just found
  } catch (cause) {
    throw new ConfigurationError(`The module ${JSON.stringify(path)} could not be loaded: ${describe(cause)}`, {
      cause,
    })
  }
}

/** The kind of an error, and its message where that is Node's own: what a user's module throws may hold a secret. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it threw something that is no error.'
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
    return `${/'[^']*'/.exec(cause.message)?.[0] ?? 'a module'} was not found.`
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return 'Node cannot run this kind of file. TypeScript needs Node 22.18 or later, or "node --import tsx".'
  if (cause.name === 'ConfigurationError') return cause.message
  return `it threw ${cause.name}${code === undefined ? '' : ` (${code})`}. Run it by itself, to see it.`
}

/** What a module exports, for a message: names, and nothing of what they stand for. */
export function listExports(exported: Exports): string {
  const names = Object.keys(exported)
  return names.length === 0 ? 'nothing' : names.join(', ')
}

import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { nearestName } from './nearest-name.js'

/** Nothing is compiled for the one time that options are read, and messages look at what was written. */
const ONCE = { jitless: true, reportInput: true }

/**
 * Parses options strictly.
 *
 * @throws {ConfigurationError} On the first problem, naming the option and what to write instead.
 */
export function parseOptions<Schema extends z.core.$ZodType>(schema: Schema, options: unknown): z.output<Schema> {
  const result = z.safeParse(schema, options, ONCE)
  if (result.success) return result.data
  const [first] = result.error.issues.map((issue) => describeIssue(issue))
  throw new ConfigurationError(first ?? 'The options cannot be read.')
}

function describeIssue(issue: z.core.$ZodIssue, parents: readonly PropertyKey[] = []): string {
  const path = [...parents, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return `Unknown option ${nameOf([...path, ...issue.keys.slice(0, 1)])}. ${issue.message}`
  if (issue.code === 'invalid_union') {
    // The branch that got furthest tells most.
    const nested = issue.errors.flat()
    const furthest =
      nested.find(({ code }) => code === 'unrecognized_keys') ?? nested.find((one) => one.path.length > 0)
    if (furthest !== undefined) return describeIssue(furthest, path)
  }
  const isName = issue.code === 'invalid_value' && typeof issue.input === 'string'
  const meant = isName ? nearestName(issue.input, issue.values.map(String)) : undefined
  return `The option ${nameOf(path)} ${issue.message}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'object' : `"${path.map(String).join('.')}"`
}

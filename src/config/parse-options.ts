import type { z } from 'zod'
import { ConfigurationError } from '../errors.js'
import { nearestName } from './nearest-name.js'

/** The names that an object of options may have, by the name of the option that holds it; `''` for the options themselves. */
export type KnownNames = Readonly<Record<string, readonly string[]>>

/** Names that other libraries use, and what the same thing is called here. */
const FAMILIAR_NAMES: Readonly<Record<string, string>> = {
  issuerBaseURL: 'issuer',
  iss: 'issuer',
  aud: 'audience',
  tokenSigningAlg: 'algorithms',
  secret: 'jwks',
  algs: 'algorithms',
  strict: 'profile',
  tokenProfile: 'profile',
  scope: 'requireScope(...) on the routes',
  requiredScopes: 'requireScope(...) on the routes',
  isAccessToken: 'issuer: { issuer, isAccessToken }',
}

/**
 * Parses options strictly.
 *
 * @throws {ConfigurationError} On the first problem, naming the option and what to write instead.
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
  known: KnownNames,
): z.output<Schema> {
  const result = schema.safeParse(options, { reportInput: true })
  if (result.success) return result.data
  const [first] = result.error.issues
  throw new ConfigurationError(first === undefined ? 'The options are malformed.' : describeIssue(first, known))
}

function describeIssue(issue: z.core.$ZodIssue, known: KnownNames, parents: readonly PropertyKey[] = []): string {
  const path = [...parents, ...issue.path]
  if (issue.code === 'unrecognized_keys') return describeUnknownKey(issue.keys[0] ?? '', path, known)
  // In a union the branch that got furthest tells most.
  if (issue.code === 'invalid_union') {
    const nested = issue.errors.flat()
    const furthest =
      nested.find(({ code }) => code === 'unrecognized_keys') ?? nested.find((one) => one.path.length > 0)
    if (furthest !== undefined) return describeIssue(furthest, known, path)
  }
  const meant = issue.code === 'invalid_value' ? nearestName(String(issue.input), issue.values.map(String)) : undefined
  return `The option ${nameOf(path)} ${issue.message}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`
}

function describeUnknownKey(key: string, path: readonly PropertyKey[], known: KnownNames): string {
  const names = known[String(path[0] ?? '')] ?? []
  const meant = FAMILIAR_NAMES[key] ?? nearestName(key, names)
  const suggestion = meant === undefined ? `Known are: ${names.join(', ')}.` : `Did you mean "${meant}"?`
  return `Unknown option ${nameOf([...path, key])}. ${suggestion}`
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'object' : `"${path.map(String).join('.')}"`
}

import type { z } from 'zod'
import { ConfigurationError } from '../errors.js'
import { nearestName } from './nearest-name.js'

/** Names that other libraries use, and what the same thing is called here. */
const FAMILIAR_NAMES: Readonly<Record<string, string>> = {
  issuerBaseURL: 'issuer',
  tokenSigningAlg: 'algorithms',
  secret: 'jwks',
  jwksUrl: 'jwksUri',
  aud: 'audience',
  iss: 'issuer',
  tokenProfile: 'profile',
  strict: 'profile',
}

/**
 * Parses options strictly.
 *
 * @throws {ConfigurationError} On the first problem, naming the option and what to write instead.
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
  known: readonly string[],
): z.output<Schema> {
  const result = schema.safeParse(options)
  if (result.success) return result.data
  throw new ConfigurationError(
    result.error.issues.map((issue) => describeIssue(issue, known))[0] ?? 'The options are malformed.',
  )
}

function describeIssue(
  issue: z.core.$ZodIssue,
  known: readonly string[],
  parents: readonly PropertyKey[] = [],
): string {
  const path = [...parents, ...issue.path]
  if (issue.code === 'unrecognized_keys') return describeUnknownKey(issue.keys[0] ?? '', path, known)
  // In a union the branch that got furthest tells most.
  if (issue.code === 'invalid_union') {
    const deeper = issue.errors.flat().find((nested) => nested.path.length > 0 || nested.code === 'unrecognized_keys')
    if (deeper !== undefined) return describeIssue(deeper, known, path)
  }
  return `The option ${nameOf(path)} ${issue.message}.`
}

function describeUnknownKey(key: string, path: readonly PropertyKey[], known: readonly string[]): string {
  const meant = FAMILIAR_NAMES[key] ?? nearestName(key, known)
  const suggestion = meant === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean "${meant}"?`
  return `Unknown option ${nameOf([...path, key])}. ${suggestion}`
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'object' : `"${path.map(String).join('.')}"`
}

import * as v from 'valibot'
import { ConfigurationError } from '../errors.js'
import { nearestName } from './nearest-name.js'
import { isUnknownMember } from './objects.js'

/** The names that an object of options may have, by the name of the option that holds it; `''` for the options themselves. */
export type KnownNames = Readonly<Record<string, readonly string[]>>

/** Names that other libraries use, and what the same thing is called here. */
const familiarNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
  }),
)

/** Of an item in a list: the list has the name. */
const POSITION = /^\d+$/

/** Every problem, since a union needs them all: whatever the application has set globally for its own schemas. */
const WHOLE = { abortEarly: false, abortPipeEarly: false }

/**
 * Parses options strictly.
 *
 * @throws {ConfigurationError} On the first problem, naming the option and what to write instead.
 */
export function parseOptions<Schema extends v.GenericSchema>(
  schema: Schema,
  options: unknown,
  known: KnownNames,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, options, WHOLE)
  if (result.success) return result.output
  throw new ConfigurationError(describeIssue(result.issues[0], known))
}

function describeIssue(issue: v.GenericIssue, known: KnownNames, parents: readonly string[] = []): string {
  const path = [...parents, ...(issue.path ?? []).map(({ key }) => String(key))]
  if (isUnknownMember(issue)) return describeUnknownName(path, known)
  // In a union the branch that got furthest tells most.
  const furthest = issue.issues?.find(isUnknownMember) ?? issue.issues?.find((nested) => nested.path !== undefined)
  if (furthest !== undefined) return describeIssue(furthest, known, path)
  const { input, requirement } = issue
  const isName = typeof input === 'string' && Array.isArray(requirement)
  const meant = isName ? nearestName(input, requirement.map(String)) : undefined
  return `The option ${nameOf(path)} ${issue.message}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`
}

function describeUnknownName(path: readonly string[], known: KnownNames): string {
  const name = path.at(-1) ?? ''
  const holder = path.slice(0, -1).findLast((part) => !POSITION.test(part)) ?? ''
  const names = known[holder] ?? []
  const meant = familiarNames.get(name) ?? nearestName(name, names)
  const suggestion = meant === undefined ? `Known are: ${names.join(', ')}.` : `Did you mean "${meant}"?`
  return `Unknown option ${nameOf(path)}. ${suggestion}`
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? 'object' : `"${path.join('.')}"`
}

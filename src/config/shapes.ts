import * as z from 'zod/mini'
import { nearestName } from './nearest-name.js'

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
    introspection: 'issuer: { issuer, introspection }',
    isAccessToken: 'issuer: { issuer, isAccessToken }',
    dangerouslyIgnoredMarks: 'issuer: { issuer, dangerouslyIgnoredMarks }',
  }),
)

/** What to write, where something else was written: always the same, or by what it was. */
type Form = string | ((written: unknown) => string)

const say = (form: Form, written: unknown): string => (typeof form === 'string' ? form : form(written))

/**
 * An object with these members and no other. The message about an unknown one says what was meant, or what is known.
 *
 * @param form - What to write, where there is no object at all.
 */
export function strictObject<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  form: Form,
): z.ZodMiniReadonly<z.ZodMiniObject<Shape, z.core.$strict>> {
  const names = Object.keys(shape)
  const error: z.core.$ZodErrorMap<z.core.$ZodIssueInvalidType | z.core.$ZodIssueUnrecognizedKeys> = (issue) =>
    issue.code === 'unrecognized_keys' ? suggestFor(issue.keys[0] ?? '', names) : say(form, issue.input)
  return z.readonly(z.strictObject(shape, { error }))
}

function suggestFor(name: string, names: readonly string[]): string {
  const meant = familiarNames.get(name) ?? nearestName(name, names)
  return meant === undefined ? `Known are: ${names.join(', ')}.` : `Did you mean "${meant}"?`
}

/** An object of whatever names, copied. */
export function record<Value extends z.core.SomeType>(
  value: Value,
  form: Form,
): z.ZodMiniReadonly<z.ZodMiniRecord<z.ZodMiniString<string>, Value>> {
  return z.readonly(z.record(z.string(), value, { error: ({ input }) => say(form, input) }))
}

/** An array, copied and for reading only; with `atLeastOne` not an empty one. */
export function list<Item extends z.core.SomeType>(
  item: Item,
  { form, atLeastOne }: { readonly form?: string; readonly atLeastOne?: string } = {},
): z.ZodMiniReadonly<z.ZodMiniArray<Item>> {
  const items = z.array(item, form)
  return z.readonly(atLeastOne === undefined ? items : items.check(z.minLength(1, atLeastOne)))
}

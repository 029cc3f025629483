import * as v from 'valibot'

type Members<Entries extends v.ObjectEntries> = v.ObjectSchema<Entries, string>

/**
 * An object with these members and no other.
 *
 * `v.strictObject` takes an array too, and behind an unknown member of its a union no longer knows which branch was meant.
 * Here it is a check that finds unknown members, after the others: the object is of its type all the same.
 *
 * @param form - What to write, where there is no object at all.
 * @param missing - What to write, where a member is missing.
 */
export function strictObject<Entries extends v.ObjectEntries>(
  entries: Entries,
  form: string,
  missing = form,
): v.GenericSchema<Readonly<v.InferInput<Members<Entries>>>, Readonly<v.InferOutput<Members<Entries>>>> {
  const members = v.object(entries, missing)
  return v.lazy((written) => (isObject(written) ? v.pipe(members, noOthers(written, entries)) : v.never(form)))
}

/** Looks at what was written: of that, only the members of the schema are left when a check runs. */
function noOthers<Output>(
  written: Readonly<Record<string, unknown>>,
  entries: v.ObjectEntries,
): v.RawCheckAction<Output> {
  return v.rawCheck(({ addIssue }) => {
    for (const key in written) {
      if (Object.hasOwn(entries, key)) continue
      addIssue({ path: [{ type: 'object', origin: 'key', input: written, key, value: written[key] }] })
      return
    }
  })
}

/** Tells whether a problem is a member that a {@link strictObject} does not have: the last name of its path. */
export function isUnknownMember({ type }: v.GenericIssue): boolean {
  return type === 'raw_check'
}

/**
 * An object of whatever names, copied. `v.record` takes arrays and instances of classes too, and leaves out members that are
 * named `constructor` or `prototype`.
 */
export function record<Value>(
  value: v.GenericSchema<Value>,
  form: string,
): v.GenericSchema<Readonly<Record<string, Value>>> {
  return v.lazy((written) => {
    if (!isObject(written) || !isPlain(written)) return v.never(form)
    const names = Object.keys(written).filter((name) => name !== '__proto__')
    return v.object(Object.fromEntries(names.map((name) => [name, value])))
  })
}

/** An array, for reading only. */
export function list<Input, Output>(
  item: v.GenericSchema<Input, Output>,
  form?: string,
): v.GenericSchema<readonly Input[], readonly Output[]> {
  return v.array(item, form)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells whether an object is as a literal makes it, in whatever realm (a test runner has several): no class's instance. */
function isPlain({ constructor }: object): boolean {
  if (typeof constructor !== 'function') return true
  const prototype: unknown = constructor.prototype
  return isObject(prototype) && Object.hasOwn(prototype, 'isPrototypeOf')
}

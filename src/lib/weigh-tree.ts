// What V8 takes for each, in bytes, as test/bounds measures it.
const OBJECT = 64
/** For each member. */
const MEMBER = 40
/** So many members and V8 keeps a table of names for the object, with room to spare. */
const MANY_MEMBERS = 64
const TABLE_ENTRY = 56
/** What describes all objects of the same member names, twice where they are frozen. */
const SHAPE = 160
const ARRAY = 48
const POINTER = 8
const NUMBER = 16
const TEXT = 24

/** Estimates the memory that a tree of plain data holds, in bytes. */
export function weighTree(tree: unknown): number {
  const shapes = new Set<string>()
  const weigh = (value: unknown): number => {
    if (typeof value === 'string') return TEXT + value.length * (isLatin1(value) ? 1 : 2)
    if (typeof value === 'number') return NUMBER
    if (typeof value !== 'object' || value === null) return 0
    let bytes = 0
    for (const child of Object.values(value)) bytes += weigh(child)
    if (Array.isArray(value)) return bytes + ARRAY + value.length * POINTER
    const names = Object.keys(value)
    shapes.add(names.join('\0'))
    return bytes + OBJECT + names.length * (names.length > MANY_MEMBERS ? MEMBER + TABLE_ENTRY : MEMBER)
  }
  return weigh(tree) + shapes.size * SHAPE
}

/** Whether each character takes one byte. */
function isLatin1(text: string): boolean {
  return !/[^\0-\u00ff]/.test(text)
}

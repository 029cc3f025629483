/** Freezes a tree of plain data in place and returns it. The tree must be of bounded depth. */
export function deepFreeze<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data)) return data
  for (const child of Object.values(data)) {
    if (typeof child === 'object') deepFreeze(child)
  }
  return Object.freeze(data)
}

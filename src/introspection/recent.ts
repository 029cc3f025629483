/** The latest of what was noted, by name. */
export interface Recent<Value> {
  readonly get: (name: string) => Value | undefined
  readonly note: (name: string, value: Value) => void
  readonly forget: (name: string) => void
}

/** Creates a memory of so many at most. It takes no room before it is used: a server may have thousands of issuers. */
export function createRecent<Value>(max: number): Recent<Value> {
  const noted = new Map<string, Value>()
  return {
    get: (name) => noted.get(name),
    note(name, value) {
      // What is noted again is the latest.
      noted.delete(name)
      noted.set(name, value)
      if (noted.size <= max) return
      const [oldest] = noted.keys()
      if (oldest !== undefined) noted.delete(oldest)
    },
    forget(name) {
      noted.delete(name)
    },
  }
}

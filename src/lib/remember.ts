/** How much is remembered. */
export interface MemoryBounds {
  /** When there are so many, all are forgotten. */
  readonly maxEntries: number
  /** The longest text that is worth it, in characters: with the number of entries, this bounds the memory. */
  readonly maxLength: number
}

/** Answers by the texts that they belong to. */
export interface Memory<Answer> {
  readonly find: (text: string) => Answer | undefined
  readonly keep: (text: string, answer: Answer) => void
}

/**
 * Creates a memory for the few texts that come again and again. A flood of others costs no more than a bounded room, which is
 * emptied whenever it is full.
 */
export function createMemory<Answer>({ maxEntries, maxLength }: MemoryBounds): Memory<Answer> {
  const answers = new Map<string, Answer>()
  return {
    find: (text) => answers.get(text),
    keep(text, answer) {
      if (text.length > maxLength) return
      if (answers.size >= maxEntries) answers.clear()
      answers.set(copyOf(text), answer)
    },
  }
}

/** Wraps a pure function so that it remembers its latest answers. `undefined` is not remembered. */
export function remember<Answer>(
  compute: (text: string) => Answer | undefined,
  bounds: MemoryBounds,
): (text: string) => Answer | undefined {
  const memory = createMemory<Answer>(bounds)
  return (text) => {
    const known = memory.find(text)
    if (known !== undefined) return known
    const answer = compute(text)
    if (answer !== undefined) memory.keep(text, answer)
    return answer
  }
}

/** Copies a text: a piece of one would keep the whole of it in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString()
}

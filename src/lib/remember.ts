/**
 * Wraps a pure function so that it remembers its latest answers: the few inputs that come again and again cost one look-up. A
 * flood of others costs no more than a bounded room, which is emptied whenever it is full. `undefined` is not remembered.
 *
 * @param maxEntries - With the greatest length of an input, this bounds the memory.
 */
export function remember<Answer>(
  compute: (text: string) => Answer | undefined,
  maxEntries: number,
): (text: string) => Answer | undefined {
  const answers = new Map<string, Answer>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = compute(text)
    if (answer === undefined) return undefined
    if (answers.size >= maxEntries) answers.clear()
    answers.set(copyOf(text), answer)
    return answer
  }
}

/** A piece of a text would keep the whole of it in memory: a token, say. */
function copyOf(text: string): string {
  return Buffer.from(text).toString()
}

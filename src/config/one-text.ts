/** What stands in one text with commas or white space between. */
export function splitList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '')
}

/** A list as it is written in JavaScript. */
export function quoteList(list: readonly string[]): string {
  return `[${list.map((one) => `'${one}'`).join(', ')}]`
}

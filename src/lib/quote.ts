const MAX_LENGTH = 120
const MAX_TEXTS = 5

/**
 * Quotes a text that a stranger wrote for a log: cut at a length, in plain ASCII, with whatever could break a line, reverse
 * one or end the quotes escaped.
 */
export function quote(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text
  return JSON.stringify(cut).replaceAll(/[^\x20-\x7E]/g, (character) => {
    return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The same for several, of which the first few are shown. */
export function quoteAll(texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_TEXTS).map(quote).join(', ')
  return texts.length > MAX_TEXTS ? `${shown} and ${String(texts.length - MAX_TEXTS)} more` : shown
}

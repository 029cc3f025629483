/** Takes percent-encoding off a text; a plus stays one. Undefined where it is malformed. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

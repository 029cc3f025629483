/** None of these changes. */
const ASCII = /^\p{ASCII}*$/u
const USUAL = /^[\w\-.~]*[\w\-~]$/

/** What a text is for whoever composes characters and leaves out invisible ones: a full-width slash is a slash. */
export function composed(text: string): string {
  if (ASCII.test(text)) return text
  return text.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
}

/**
 * Folds a name to what is left of it for whoever tells the fewest names apart: disks that know no case, that compose
 * characters, or that leave out invisible ones, and Windows, which takes no dots or spaces at the end of a name.
 */
export function foldName(name: string): string {
  if (USUAL.test(name)) return name.toLowerCase()
  const folded = composed(name).toUpperCase().toLowerCase().normalize('NFKC')
  let end = folded.length
  while (end > 0 && (folded[end - 1] === '.' || folded[end - 1] === ' ')) end--
  return folded.slice(0, end)
}

/**
 * The names that a segment of a path may be: all of it; what stands before its parameters, for a server that knows such
 * (`orders;v=1`); what stands before a colon, for Windows (`a.txt::$DATA`). Folded.
 */
export function namesOf(segment: string): readonly string[] {
  // What ends a name may be composed, too.
  const whole = composed(segment)
  const names = new Set([whole, withoutParameters(whole)])
  for (const name of [...names]) if (name.includes(':')) names.add(name.slice(0, name.indexOf(':')))
  return [...new Set([...names].map(foldName))]
}

export function withoutParameters(segment: string): string {
  const at = segment.indexOf(';')
  return at === -1 ? segment : segment.slice(0, at)
}

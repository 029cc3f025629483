import { readUrl } from '../lib/urls.js'

/** Longer texts are not compared: what is looked for is a slip of the pen. */
const MAX_COMPARED_LENGTH = 512
const MAX_COMPARED = 16

/** What people get wrong when they copy an identifier: its name, and the text without it. */
const SLIPS: readonly { readonly name: string; readonly without: (text: string) => string }[] = [
  { name: 'white space', without: (text) => text.replaceAll(/\s+/g, '') },
  { name: 'quotation marks', without: (text) => text.replaceAll(/["'`]/g, '') },
  { name: 'the well-known suffix', without: (text) => text.replace(/\/\.well-known\/.*$/, '') },
  { name: 'a slash at the end', without: (text) => text.replace(/\/+$/, '') },
  { name: 'the port', without: (text) => text.replace(/^((?:https?:)?\/\/[^/:]+):\d+/i, '$1') },
  { name: '"www."', without: (text) => text.replace(/^((?:https?:)?\/\/)www\./i, '$1') },
  { name: 'http, https or no scheme at all', without: (text) => text.replace(/^(?:https?:)?\/\//i, '') },
  { name: '"api://"', without: (text) => text.replace(/^api:\/\//i, '') },
  { name: 'upper and lower case', without: (text) => text.toLowerCase() },
]

/** Two identifiers that are nearly the same, and in what they differ. */
export interface Difference {
  readonly found: string
  readonly expected: string
  readonly says: string
}

/** Compares two identifiers in some way; `undefined` where they are simply different. */
export type Compare = (found: string, expected: string) => string | undefined

/**
 * Finds those of what was found and what was expected that are nearest, and says in what they differ. A slip of the pen is
 * nearer than another path at the same host.
 *
 * @param compare - Looks first, for what only its caller knows.
 */
export function findDifference(
  found: readonly string[],
  expected: readonly string[],
  compare: Compare = () => undefined,
): Difference | undefined {
  const isShort = (text: string): boolean => text.length <= MAX_COMPARED_LENGTH
  const others = expected.slice(0, MAX_COMPARED).filter(isShort)
  const pairs = found
    .slice(0, MAX_COMPARED)
    .filter(isShort)
    .flatMap((one) => others.map((other) => ({ found: one, expected: other })))
  for (const way of [compare, compareLetters, compareUrls]) {
    for (const pair of pairs) {
      const says = way(pair.found, pair.expected)
      if (says !== undefined) return { ...pair, says }
    }
  }
  return undefined
}

function compareLetters(found: string, expected: string): string | undefined {
  const slips = findSlips(found, expected)
  return slips.length > 0 ? `they differ in ${slips.join(' and ')} only` : undefined
}

function findSlips(found: string, expected: string): readonly string[] {
  const bare = withoutSlips(found)
  if (bare === '' || bare !== withoutSlips(expected)) return []
  // A slip that makes them differ when everything else is out of the way.
  return SLIPS.filter((slip) => withoutSlips(found, slip) !== withoutSlips(expected, slip)).map(({ name }) => name)
}

function withoutSlips(text: string, kept?: (typeof SLIPS)[number]): string {
  return SLIPS.reduce((rest, slip) => (slip === kept ? rest : slip.without(rest)), text)
}

function compareUrls(found: string, expected: string): string | undefined {
  const [one, other] = [readUrl(found), readUrl(expected)]
  if (one === undefined || other === undefined || one.host === '') return undefined
  if (one.host === other.host) return 'the host is the same, the path is another'
  return one.pathname === other.pathname && one.pathname.length > 1
    ? 'the path is the same, the host is another'
    : undefined
}

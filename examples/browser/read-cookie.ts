import type { IncomingMessage } from 'node:http'

/** A request brought several cookies of one name. Which of them is ours cannot be told, so none is believed. */
export class AmbiguousCookie extends Error {
  override readonly name = 'AmbiguousCookie'
}

/**
 * The value of a cookie, undefined where there is none. It throws an {@link AmbiguousCookie} for two of one name. Names are
 * compared as they were sent: browsers guard the prefix of a name, and whoever trims more of it than spaces and tabs takes
 * another name for a guarded one.
 */
export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => {
    const [key = '', ...value] = pair.split('=')
    return { key: key.replace(/^[ \t]+|[ \t]+$/g, ''), value: value.join('=').trim() }
  })
  const [only, ...others] = pairs.filter(({ key }) => key === name)
  if (others.length > 0) throw new AmbiguousCookie(`several cookies are called ${name}`)
  return only?.value
}

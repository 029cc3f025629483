import type { Fetch } from '../../lib/fetch-json.js'

/** What was seen of one exchange. */
export interface Exchange {
  readonly url: string
  readonly status: number
  readonly milliseconds: number
  /** The server's clock beside ours in seconds, positive where it is ahead; undefined where it told no time. */
  readonly clockOffset: number | undefined
}

/** Puts a `fetch` around another that remembers what answered, when, and by which clock. */
export function watchFetch(fetch: Fetch, clock: () => number): { fetch: Fetch; exchanges: readonly Exchange[] } {
  const exchanges: Exchange[] = []
  return {
    exchanges,
    fetch: async (url, init) => {
      const [started, before] = [performance.now(), clock()]
      const response = await fetch(url, init)
      const date = Date.parse(response.headers.get('date') ?? '')
      const middle = (before + clock()) / 2
      exchanges.push({
        url,
        status: response.status,
        milliseconds: Math.round(performance.now() - started),
        // A date of HTTP has whole seconds, cut off: in the mean it is half a second late.
        clockOffset: Number.isNaN(date) ? undefined : (date + 500 - middle) / 1000,
      })
      return response
    },
  }
}

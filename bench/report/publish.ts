import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import type { Results } from '../results.js'
import { drawChart } from './chart.js'
import { describeResults } from './page.js'

const preface = `# What it costs, measured

This page and its chart are made by \`npm run bench -- --publish\`; the figures behind them are in
[bench.json](bench.json).

Read ratios, not rates. Every ratio is of two measurements of one round on one machine, and what stands here is the median of
the rounds with p10 and p90 behind it. End to end, the servers of a round are up at once and have the load in turns, a quarter
of a second each, so that a slow phase of the machine hits all alike. Machines are noisy, other work on them more so: a difference within
that spread is none.

**What is measured.** One Express 5 route that sends a small JSON object, behind each middleware as its README configures it,
with signature, issuer, audience and expiry checked. Before anything is measured each contender must answer 200 to a good
token and 401 to none, to a bad signature, to an expired one, to another issuer and to another audience. Server, key server and
load generator are processes of their own, on loopback, 50 keep-alive connections without pipelining. Tokens are made
beforehand, as a large issuer makes them: about 900 characters with RS256.

- **one token**: the same for every request.
- **1,000 tokens, rotating**: the first comes twice as often as the second, three times as often as the third, and so on.
- **every token new**: none comes twice, so that no cache can help.

CPU is that of the server's process, all threads, for one request. "By hand" is a middleware of fifteen lines around a
verifier, which has no say in which kind of token it is or in how a refusal looks.

**What is not measured.** TLS, proxies, HTTP/2, bodies, the handler's own work, which in an API outweighs all of this. Fetching keys:
they are fetched once, before. The network between you and your issuer. Machines with more cores, where work in a thread pool
costs less time than here. Whether a check is right: for that see the tests.

![Requests per second behind each middleware, as a share of the same route without authentication](bench.svg)
`

/** Writes the page, the chart and the figures into bench/published, formatted as everything else here. */
export async function publish(results: Results, root: string): Promise<readonly string[]> {
  const files = new Map([
    [
      'bench/published/bench.md',
      await format(`${preface}\n${describeResults(results)}\n`, { parser: 'markdown', printWidth: 120 }),
    ],
    ['bench/published/bench.json', await format(JSON.stringify(results), { parser: 'json', printWidth: 120 })],
  ])
  if (results.http !== undefined) files.set('bench/published/bench.svg', drawChart(results, results.http))
  for (const [name, content] of files) writeFileSync(join(root, name), content)
  return [...files.keys()]
}

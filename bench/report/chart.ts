import { element, line, rect, text } from '../../tools/svg.js'
import { workloads, type HttpSample, type Results, type Workload } from '../results.js'
import { styleSheet } from './chart-style.js'
import { describeMachine, labelOf, workloadNames } from './page.js'
import { summariseHttp, type HttpSummary } from './summary.js'

const WIDTH = 880
const LEFT = 250
const RIGHT = WIDTH - 60
const TOP = 112
const BAR = 11
const GAP = 3
const GROUP = 3 * (BAR + GAP) + 16
/** Beyond the route without authentication nobody is, but for noise. */
const MOST = 1.05
const MARKS = [0, 0.25, 0.5, 0.75, 1]

/** Draws how much of the route's speed each contender leaves. */
export function drawChart(results: Results, samples: readonly HttpSample[]): string {
  const own = samples.filter(({ algorithm }) => algorithm === 'RS256')
  const present = workloads.filter((workload) => own.some((sample) => sample.workload === workload))
  const summaries = new Map(
    present.map((workload) => [workload, summariseHttp(own.filter((sample) => sample.workload === workload))]),
  )
  const contenders = orderOf(summaries, present)
  const bottom = TOP + contenders.length * GROUP
  const height = bottom + 70
  const { rounds, seconds } = results.settings
  const parts = [
    styleSheet,
    rect({ x: 0, y: 0, width: WIDTH, height }, 'paper'),
    text([24, 34], 'How much of a route\u2019s speed is left behind each middleware', 'title'),
    text(
      [24, 56],
      'Requests per second through Express 5, against the same route without authentication. RS256.',
      'subtitle',
    ),
    ...drawKey(present),
    ...drawMarks(bottom),
    ...contenders.flatMap((contender, index) =>
      drawContender({
        label: labelOf(results, contender),
        top: TOP + index * GROUP,
        bars: present.map((workload) => ({
          workload,
          summary: summaries.get(workload)?.find((one) => one.contender === contender),
        })),
        isOurs: contender === 'ours',
      }),
    ),
    text([24, bottom + 38], describeMachine(results.environment), 'key'),
    text(
      [24, bottom + 55],
      `Median of ${String(rounds)} rounds of ${String(seconds)} s; the line at the end of a bar spans p10 to p90.`,
      'key',
    ),
  ]
  return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${String(WIDTH)} ${String(height)}`, role: 'img' }, `\n${parts.join('\n')}\n`)}\n`
}

/** The best on tokens that come again first. */
function orderOf(
  summaries: ReadonlyMap<Workload, readonly HttpSummary[]>,
  present: readonly Workload[],
): readonly string[] {
  const sumOf = (contender: string): number =>
    present.reduce(
      (sum, workload) => sum + (summaries.get(workload)?.find((one) => one.contender === contender)?.share.median ?? 0),
      0,
    )
  const [first] = present
  const all = first === undefined ? [] : (summaries.get(first) ?? []).map(({ contender }) => contender)
  // The route itself is the line at 1, and our own without its cache is in the tables.
  return all.filter((one) => one !== 'none' && one !== 'ours-no-cache').sort((a, b) => sumOf(b) - sumOf(a))
}

function drawContender({
  label,
  top,
  bars,
  isOurs,
}: {
  label: string
  top: number
  bars: readonly { readonly workload: Workload; readonly summary: HttpSummary | undefined }[]
  isOurs: boolean
}): readonly string[] {
  const middle = top + (bars.length * (BAR + GAP)) / 2 + 3
  return [
    text([LEFT - 14, middle], label, isOurs ? 'label end' : 'name end'),
    ...bars.flatMap(({ workload, summary }, index) => {
      if (summary === undefined) return []
      const { median, p10, p90 } = summary.share
      const y = top + index * (BAR + GAP)
      const tooltip = `${label}, ${workloadNames[workload]}: ${median.toFixed(2)} (${p10.toFixed(2)} to ${p90.toFixed(2)})`
      return [
        rect({ x: LEFT, y, width: across(median) - LEFT, height: BAR }, `${workload}${isOurs ? ' ours' : ''}`, tooltip),
        line([across(p10), y + BAR / 2], [across(p90), y + BAR / 2], 'spread'),
        text([Math.max(across(median), across(p90)) + 6, y + BAR - 1.5], median.toFixed(2), 'value'),
      ]
    }),
  ]
}

function drawKey(present: readonly Workload[]): readonly string[] {
  return present.flatMap((workload, index) => {
    const x = LEFT + index * 180
    return [
      rect({ x, y: 74, width: 11, height: 11 }, `${workload} ours`),
      text([x + 17, 84], workloadNames[workload], 'key'),
    ]
  })
}

function drawMarks(bottom: number): readonly string[] {
  return MARKS.flatMap((mark) => [
    line([across(mark), TOP - 8], [across(mark), bottom - 8], mark === 1 ? 'bare' : 'grid'),
    text([across(mark), bottom + 8], mark === 1 ? '1.00 = no authentication' : mark.toFixed(2), 'tick middle'),
  ])
}

function across(share: number): number {
  return LEFT + ((RIGHT - LEFT) * Math.min(share, MOST)) / MOST
}

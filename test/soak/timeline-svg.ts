import type { SoakIssuer } from './issuer.js'
import { percentile } from './measure.js'
import type { Recorder, Second } from './recorder.js'
import { mebibytes, type Figures } from './report.js'
import type { Flood } from './schedule.js'
import { keys } from './settings.js'
import { element, line, path, rect, text } from '../../tools/svg.js'
import { styleSheet } from './timeline-style.js'

export interface Timeline {
  readonly issuers: readonly SoakIssuer[]
  readonly recorder: Recorder
  readonly schedule: { readonly floods: readonly Flood[] }
  readonly api: {
    readonly fetches: readonly { readonly url: string; readonly at: number }[]
    readonly samples: readonly { readonly at: number; readonly heapUsed: number }[]
  }
  readonly figures: Figures
  /** Milliseconds since the epoch. */
  readonly start: number
  readonly seconds: number
}

type Across = (second: number) => number

const WIDTH = 1200
const LEFT = 132
const RIGHT = WIDTH - 28
const LANES_TOP = 98
const LANE = 42
const VERDICTS_HEIGHT = 230
const HEAP_HEIGHT = 84
const FETCH_LANE = 18

const LAYERS = [
  { field: 'accepted', label: 'granted' },
  { field: 'refused', label: 'refused: hostile, expired or withdrawn' },
  { field: 'unavailable', label: '503: its key cannot be had, issuer down or in back-off' },
  { field: 'wrong', label: 'wrong verdict' },
] as const satisfies readonly { field: keyof Second; label: string }[]

/** Draws what happened to the issuers, and what the API answered, fetched and held meanwhile. */
export function drawTimeline(timeline: Timeline): string {
  const { issuers, seconds, schedule } = timeline
  const across: Across = (second) => LEFT + ((RIGHT - LEFT) * Math.min(Math.max(second, 0), seconds)) / seconds
  const floodTop = LANES_TOP + issuers.length * LANE
  const verdictsTop = floodTop + 66
  const fetchTop = verdictsTop + VERDICTS_HEIGHT + 42
  const heapTop = fetchTop + issuers.length * FETCH_LANE + 36
  const bottom = heapTop + HEAP_HEIGHT
  const parts = [
    rect({ x: 0, y: 0, width: WIDTH, height: bottom + 46 }, 'paper'),
    ...drawHeading(timeline),
    ...drawGrid(timeline, { across, top: LANES_TOP, bottom }),
    ...issuers.flatMap((issuer, index) => drawIssuer(timeline, { issuer, across, y: LANES_TOP + index * LANE })),
    text([LEFT - 12, floodTop + 15], 'Flood', 'label end'),
    ...schedule.floods.map(({ from, to }) =>
      rect(
        { x: across(from), y: floodTop + 5, width: across(to) - across(from), height: 13 },
        'flood',
        'made-up key names',
      ),
    ),
    ...drawVerdicts(timeline, { across, top: verdictsTop }),
    ...issuers.flatMap((issuer, index) => drawFetches(timeline, { issuer, across, y: fetchTop + index * FETCH_LANE })),
    text([LEFT, fetchTop - 10], 'fetches of metadata and keys, by issuer', 'heading'),
    ...drawHeap(timeline, { across, top: heapTop }),
  ]
  const frame = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${String(WIDTH)} ${String(bottom + 46)}`,
    role: 'img',
  }
  const title = element('title', {}, 'Soak run: verdicts, fetches and heap while issuers rotate keys and break down')
  return `${element('svg', frame, `\n${[title, styleSheet, ...parts].join('\n')}\n`)}\n`
}

function drawHeading({ figures, seconds }: Timeline): readonly string[] {
  const { totals, latencies } = figures.recorder
  const fetched = figures.fetches.reduce((sum, { count }) => sum + count, 0)
  const p99 = percentile(latencies.get('accepted while its issuer was down') ?? [], 0.99).toFixed(0)
  const count = (value: number): string => value.toLocaleString('en')
  return [
    text(
      [24, 32],
      `${String(seconds)} seconds of good and hostile traffic while two issuers rotate keys and break down`,
      'title',
    ),
    text(
      [24, 54],
      `${count(totals.answered)} requests, one in five hostile; ${count(totals.wrong)} wrong verdicts; ${count(fetched)} fetches. ` +
        `Granted while the issuer was down: p99 ${p99} ms.`,
      'subtitle',
    ),
    ...drawKey([24, 74]),
  ]
}

/** What the signs in the lanes mean. */
function drawKey([x, y]: readonly [number, number]): readonly string[] {
  return [
    rect({ x, y: y - 9, width: 18, height: 11 }, 'outage'),
    text([x + 24, y], 'issuer down, and how', 'key'),
    diamond([x + 176, y - 4], 'kept'),
    text([x + 188, y], 'new key, the old one stays', 'key'),
    diamond([x + 382, y - 4], 'withdrawn'),
    text([x + 394, y], 'new key, the old ones are withdrawn', 'key'),
    rect({ x: x + 640, y: y - 9, width: 18, height: 11 }, 'flood'),
    text([x + 664, y], 'tokens with made-up key names on top', 'key'),
  ]
}

function drawIssuer(
  { start, seconds }: Timeline,
  { issuer, across, y }: { issuer: SoakIssuer; across: Across; y: number },
): readonly string[] {
  const { outages, rotations } = issuer.book
  // Rotations stand above the outages, so that neither hides the other.
  const rotationsAt = y + 10
  const outagesAt = y + 18
  return [
    text([LEFT - 12, y + 26], `Issuer ${issuer.name}`, 'label end'),
    line([LEFT, rotationsAt], [RIGHT, rotationsAt], 'lane'),
    ...outages.flatMap(({ fault, from, to }) => {
      const left = across((from - start) / 1000)
      const width = across((Math.min(to, start + seconds * 1000) - start) / 1000) - left
      const band = rect({ x: left, y: outagesAt, width, height: 19 }, 'outage', `down: ${fault}`)
      return width < fault.length * 5.6 ? [band] : [band, text([left + width / 2, outagesAt + 13.5], fault, 'fault')]
    }),
    ...rotations.map(({ at, withdrawn }) =>
      diamond([across((at - start) / 1000), rotationsAt], withdrawn ? 'withdrawn' : 'kept'),
    ),
  ]
}

function drawGrid(
  { seconds, issuers, start }: Timeline,
  { across, top, bottom }: { across: Across; top: number; bottom: number },
): readonly string[] {
  const step = seconds <= 60 ? 5 : seconds <= 200 ? 10 : 30
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step)
  const outages = issuers.flatMap(({ book }) => book.outages)
  return [
    ...outages.map(({ from, to }) => {
      const left = across((from - start) / 1000)
      return rect({ x: left, y: top, width: across((to - start) / 1000) - left, height: bottom - top }, 'shade')
    }),
    ...marks.map((second) => line([across(second), top], [across(second), bottom], 'grid')),
    ...marks.map((second) => text([across(second), bottom + 18], String(second), 'tick middle')),
    text([(LEFT + RIGHT) / 2, bottom + 36], 'seconds', 'tick middle'),
  ]
}

function drawVerdicts(timeline: Timeline, { across, top }: { across: Across; top: number }): readonly string[] {
  const { recorder, seconds } = timeline
  // What came after the last second is the rest of what was sent in it.
  const bars = recorder.seconds.slice(0, seconds)
  const most = Math.max(
    100,
    ...bars.map(({ accepted, refused, unavailable, wrong }) => accepted + refused + unavailable + wrong),
  )
  const ceiling = Math.ceil((most + 60) / 50) * 50
  const base = top + VERDICTS_HEIGHT
  const up = (count: number): number => base - (VERDICTS_HEIGHT * count) / ceiling
  const sumOf = (second: Second, layers: number): number =>
    LAYERS.slice(0, layers).reduce((sum, { field }) => sum + second[field], 0)
  const edge = (layers: number): [number, number][] =>
    bars.flatMap((second, i) => [
      [across(i), up(sumOf(second, layers))],
      [across(i + 1), up(sumOf(second, layers))],
    ])
  const counts = Array.from({ length: Math.floor(ceiling / 100) + 1 }, (_, i) => i * 100)
  const offsets = [LEFT + 160, LEFT + 246, LEFT + 516, LEFT + 884]
  return [
    text([LEFT, top - 12], 'answers per second', 'heading'),
    ...LAYERS.flatMap(({ field, label }, i) => [
      rect({ x: offsets[i] ?? 0, y: top - 22, width: 11, height: 11 }, field),
      text(
        [(offsets[i] ?? 0) + 17, top - 12],
        field === 'wrong' ? `${label} (${String(recorder.totals.wrong)})` : label,
        'key',
      ),
    ]),
    ...LAYERS.map(({ field }, i) => path([...edge(i + 1), ...edge(i).reverse()], { closed: true, cssClass: field })),
    ...counts.flatMap((count) => [
      line([LEFT, up(count)], [RIGHT, up(count)], 'grid'),
      text([LEFT - 12, up(count) + 4], String(count), 'tick end'),
    ]),
    ...drawNotes(timeline, { across, top: top + 14, bottom: base }),
  ]
}

/** Says why good requests cannot be served: where an outage outlasts the keys, and where keys change during one. */
function drawNotes(
  { issuers, start, seconds }: Timeline,
  { across, top, bottom }: { across: Across; top: number; bottom: number },
): readonly string[] {
  const staleMs = keys.maxStaleSeconds * 1000
  const notes = issuers.flatMap(({ name, book }) =>
    book.outages.flatMap(({ from, to }) => [
      ...(to - from > staleMs ? [{ at: from + staleMs, note: `keys of ${name} too old: 503` }] : []),
      ...book.rotations
        .filter(({ at }) => from < at && at < to)
        .map(({ at }) => ({ at, note: `${name} changes keys while down: 503` })),
    ]),
  )
  return notes
    .map(({ at, note }) => ({ second: (at - start) / 1000, note }))
    .filter(({ second }) => second < seconds)
    .sort((a, b) => a.second - b.second)
    .flatMap(({ second, note }, index) => {
      // Neighbours stand on different lines, the earlier one below, out of the way of the later one's text.
      const y = top + ((index + 1) % 2) * 17
      return [
        line([across(second), y - 10], [across(second), bottom], 'bound'),
        text([across(second) - 6, y], note, 'note end'),
      ]
    })
}

function drawFetches(
  { api, start }: Timeline,
  { issuer, across, y }: { issuer: SoakIssuer; across: Across; y: number },
): readonly string[] {
  const ticks = api.fetches.filter(({ url }) => url.startsWith(`${issuer.issuer}/`))
  return [
    text([LEFT - 12, y + 12], `from ${issuer.name} (${String(ticks.length)})`, 'tick end'),
    ...ticks.map(({ at }) => {
      const x = across((at - start) / 1000)
      return line([x, y + 2], [x, y + FETCH_LANE - 4], 'fetch')
    }),
  ]
}

function drawHeap(
  { api, start, figures }: Timeline,
  { across, top }: { across: Across; top: number },
): readonly string[] {
  const most = Math.max(2 ** 20, ...api.samples.map(({ heapUsed }) => heapUsed))
  const step = 10 * 2 ** 20
  const ceiling = Math.ceil(most / step) * step
  const up = (bytes: number): number => top + HEAP_HEIGHT - (HEAP_HEIGHT * bytes) / ceiling
  const marks = Array.from({ length: ceiling / step + 1 }, (_, i) => i * step)
  const { heap } = figures
  const points = api.samples.map(({ at, heapUsed }): [number, number] => [across((at - start) / 1000), up(heapUsed)])
  return [
    text([LEFT, top - 10], 'heap of the API after garbage collection, MiB', 'heading'),
    text([RIGHT, top - 10], `${mebibytes(heap.start)} to ${mebibytes(heap.end)} over the last two thirds`, 'key end'),
    ...marks.flatMap((bytes) => [
      line([LEFT, up(bytes)], [RIGHT, up(bytes)], 'grid'),
      text([LEFT - 12, up(bytes) + 4], String(bytes / 2 ** 20), 'tick end'),
    ]),
    path(points, { closed: false, cssClass: 'heap' }),
  ]
}

function diamond([x, y]: readonly [number, number], cssClass: string): string {
  const size = 6
  const corners: [number, number][] = [
    [x, y - size],
    [x + size, y],
    [x, y + size],
    [x - size, y],
  ]
  return path(corners, { closed: true, cssClass })
}

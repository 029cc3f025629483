import type { Answer } from './client.js'
import type { Shot } from './traffic.js'
import { mayBeUnknown, rightVerdicts } from './verdicts.js'

/** The requests of one kind. */
export interface Row {
  readonly kind: string
  readonly sent: number
  readonly wrong: number
  readonly outcomes: ReadonlyMap<string, number>
}

/** What the answers of one second were. */
export interface Second {
  accepted: number
  refused: number
  unavailable: number
  wrong: number
}

export type LatencyClass = 'accepted' | 'accepted while its issuer was down' | 'refused' | '503'

export interface Recorder {
  /** Notes that a request is about to leave. */
  sent(shot: Shot): void
  /** Judges its answer. */
  answered(shot: Shot, answer: Answer): void
  rows(): readonly Row[]
  readonly seconds: readonly Second[]
  /** In milliseconds. */
  readonly latencies: ReadonlyMap<LatencyClass, readonly number[]>
  readonly totals: {
    readonly answered: number
    readonly oneRightVerdict: number
    readonly wrong: number
    readonly misshapen: number
  }
  /** The first wrong verdicts and forms, in words. */
  readonly complaints: readonly string[]
}

const MAX_COMPLAINTS = 20

/** Keeps count of the answers of a run that started at `start`. */
export function createRecorder(start: number): Recorder {
  const rows = new Map<string, { sent: number; wrong: number; outcomes: Map<string, number> }>()
  const seconds: Second[] = []
  const latencies = new Map<LatencyClass, number[]>()
  const totals = { answered: 0, oneRightVerdict: 0, wrong: 0, misshapen: 0 }
  const complaints: string[] = []

  const rowOf = (kind: string): { sent: number; wrong: number; outcomes: Map<string, number> } => {
    const row = rows.get(kind) ?? { sent: 0, wrong: 0, outcomes: new Map<string, number>() }
    rows.set(kind, row)
    return row
  }
  const secondOf = (at: number): Second => {
    const index = Math.floor((at - start) / 1000)
    while (seconds.length <= index) seconds.push({ accepted: 0, refused: 0, unavailable: 0, wrong: 0 })
    return seconds[index] ?? { accepted: 0, refused: 0, unavailable: 0, wrong: 0 }
  }
  const complain = (text: string): void => {
    if (complaints.length < MAX_COMPLAINTS && !complaints.includes(text)) complaints.push(text)
  }
  const time = (latencyClass: LatencyClass, milliseconds: number): void => {
    const list = latencies.get(latencyClass)
    if (list === undefined) latencies.set(latencyClass, [milliseconds])
    else list.push(milliseconds)
  }

  return {
    sent({ expectation }) {
      if (expectation.type !== 'keyed' || expectation.expiresAt < Date.now()) return
      const { book, asked, kid, verdict } = expectation
      if (mayBeUnknown(book, kid)) asked.add(kid, Date.now())
      if (book.keys.has(kid) && verdict === 'invalid_signature') asked.addForged(Date.now())
    },
    answered(shot, answer) {
      const { verdict, faults } = answer
      const right: ReadonlySet<string> = rightVerdicts(shot.expectation, answer)
      const wrong = !right.has(verdict)
      const row = rowOf(shot.kind)
      row.sent += 1
      row.outcomes.set(verdict, (row.outcomes.get(verdict) ?? 0) + 1)
      totals.answered += 1
      if (right.size === 1) totals.oneRightVerdict += 1
      const latencyClass = latencyClassOf(shot, answer)
      if (latencyClass !== undefined) time(latencyClass, answer.to - answer.from)
      secondOf(answer.to)[wrong ? 'wrong' : fieldOf(verdict)] += 1
      if (wrong) {
        row.wrong += 1
        totals.wrong += 1
        const after = ((answer.from - start) / 1000).toFixed(1)
        const rightOnes = right.size === 0 ? 'nothing' : [...right].join(' or ')
        complain(`${after} s, ${shot.kind}: ${verdict} where ${rightOnes} is right. ${faults.join('; ')}`.trim())
      } else if (faults.length > 0) {
        totals.misshapen += 1
        complain(`${shot.kind}: ${faults.join('; ')}`)
      }
    },
    rows: () => [...rows].map(([kind, row]) => ({ kind, ...row })),
    seconds,
    latencies,
    totals,
    complaints,
  }
}

function fieldOf(verdict: string): 'accepted' | 'refused' | 'unavailable' {
  if (verdict === 'accepted') return 'accepted'
  return verdict === 'issuer_unavailable' ? 'unavailable' : 'refused'
}

function latencyClassOf({ expectation }: Shot, { verdict, from }: Answer): LatencyClass | undefined {
  if (verdict === 'no answer') return undefined
  if (verdict === 'issuer_unavailable') return '503'
  if (verdict !== 'accepted') return 'refused'
  const down =
    expectation.type === 'keyed' && expectation.book.outages.some((outage) => outage.from <= from && from < outage.to)
  return down ? 'accepted while its issuer was down' : 'accepted'
}

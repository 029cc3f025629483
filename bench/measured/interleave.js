// Measures the CPU of calls of several subjects in one process, a small lot of each in turns: whatever the machine does
// meanwhile meets them all. Started with --expose-gc.
import { answer, cpuMicroseconds } from './answer.js'
import { drive } from './drive.js'
import { createSubject } from './subject.js'

/** Each a subject with one case. */
const lanes = []

answer({
  async add({ subject, material, status, inFlight }) {
    lanes.push({ subject: await createSubject(subject), material, status, inFlight, place: 0, lot: LEAST_LOT })
  },
  /** Calls each for so long, and from then on makes lots of that many microseconds. */
  async warmUp({ microseconds, lotMicroseconds }) {
    for (const lane of lanes) {
      lane.total = 0
      lane.calls = 0
      lane.recent = 0
    }
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const cold = lanes.filter(({ total }) => total < microseconds)
      if (cold.length === 0) break
      for (const lane of cold) lane.recent = await callLot(lane)
    }
    for (const lane of lanes) {
      // Whoever is slow gets fewer.
      const lots = Math.round(lotMicroseconds / lane.recent / LEAST_LOT)
      lane.lot = Math.max(1, Math.min(lots, MAX_LOT / LEAST_LOT)) * LEAST_LOT
    }
  },
  /** So many lots of each; microseconds for a call, in the order in which they were added. */
  async measure({ lots }) {
    for (const lane of lanes) Object.assign(lane, { total: 0, calls: 0 })
    for (let turn = 0; turn < lots; turn += 1) {
      for (let i = 0; i < lanes.length; i += 1) await callLot(lanes[(turn + i) % lanes.length])
    }
    return lanes.map(({ total, calls }) => total / calls)
  },
})

const MAX_TURNS = 1000
const LEAST_LOT = 32
const MAX_LOT = 512

async function callLot(lane) {
  const { subject, material, status, inFlight, lot, place } = lane
  // Round and round: what is to be new has to be enough.
  const own = Array.from({ length: lot }, (_, i) => material[(place + i) % material.length])
  lane.place += lot
  if (material.length > 1 && lane.place > material.length) throw new Error('There are no more of these.')
  const call = subject.prepare(own, status)
  // What was made for the calls is nobody's to collect. Nor is anything else: what that costs follows from the bytes.
  globalThis.gc({ type: 'minor' })
  const before = cpuMicroseconds()
  await drive(call, { count: lot, inFlight })
  const cpu = cpuMicroseconds() - before
  lane.total += cpu
  lane.calls += lot
  return cpu / lot
}

// Counts what calls take, in a process of its own; suites/counts.ts says with which flags.
import { createHook } from 'node:async_hooks'
import process from 'node:process'
import { GCProfiler } from 'node:v8'
import { answer } from './answer.js'
import { coverCalls } from './cover.js'
import { drive } from './drive.js'
import { profilers } from './profilers.js'
import { createSubject } from './subject.js'

let subject
/** By its name: what is sent, what comes of it, and how much of it was sent. */
const cases = new Map()

answer({
  async start(description) {
    subject = await createSubject(description)
  },
  load({ id, material, status }) {
    cases.set(id, { material, status, sent: 0 })
  },
  /** Calls and counts nothing. */
  async call(order) {
    await drive(take(order), order)
  },
  /** What is cached until the next full collection is lost now, and not while something is counted. */
  collect: () => globalThis.gc(),
  /** Bytes for a call, on the heap and beside it; and how many collections there were, which blur the figure. */
  async bytes(order) {
    const call = take(order)
    const collector = new GCProfiler()
    collector.start()
    const before = process.memoryUsage()
    await drive(call, order)
    const after = process.memoryUsage()
    return {
      heap: (after.heapUsed - before.heapUsed) / order.count,
      buffers: (after.arrayBuffers - before.arrayBuffers) / order.count,
      collections: collector.stop().statistics.length,
    }
  },
  /** Promises for a call, as the engine tells of them: each `await` counts as one. */
  async promises(order) {
    const nothing = await countPromises((index, done) => done(), order)
    const all = await countPromises(take(order), order)
    return (all - nothing) / order.count - subject.promisesOfLoop
  },
  /** What a profiler says of many calls. */
  async profile({ kind, ...order }) {
    const call = take(order)
    return profilers[kind](() => drive(call, order))
  },
  /** Which functions of these files are entered. */
  async cover({ folder, ...order }) {
    const call = take(order)
    return coverCalls(() => drive(call, order), { count: order.count, folder })
  },
})

async function countPromises(call, order) {
  let count = 0
  const hook = createHook({
    init(id, type) {
      if (type === 'PROMISE') count += 1
    },
  }).enable()
  await drive(call, order)
  hook.disable()
  return count
}

/** The next calls of a case, with all that they need. */
function take({ id, count }) {
  const one = cases.get(id)
  const { material, status, sent } = one
  const again = material.length === 1
  if (!again && sent + count > material.length) throw new Error(`${id}: ${count} more are needed.`)
  one.sent += count
  return subject.prepare(again ? Array(count).fill(material[0]) : material.slice(sent, sent + count), status)
}

// Counts what calls take, in a process of its own; suites/counts.ts says with which flags.
import { createHook } from 'node:async_hooks'
import process from 'node:process'
import { GCProfiler, getHeapSpaceStatistics } from 'node:v8'
import { answer } from './answer.js'
import { coverCalls } from './cover.js'
import { drive } from './drive.js'
import { profilers } from './profilers.js'
import { createSubject } from './subject.js'

let subject
const YOUNG = new Set(['new_space', 'new_large_object_space'])

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
    const before = allocated()
    await drive(call, order)
    const after = allocated()
    return {
      heap: (after.heap - before.heap) / order.count,
      buffers: (after.buffers - before.buffers) / order.count,
      collections: collector.stop().statistics.length,
    }
  },
  /** Promises for a call, as the engine tells of them: each `await` counts as one. */
  async promises(order) {
    const nothing = await countPromises((index, done) => done(), order)
    const call = take(order)
    const before = subject.promisesOfLoop()
    const all = await countPromises(call, order)
    return (all - nothing - (subject.promisesOfLoop() - before)) / order.count
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

/**
 * What was allocated since the last collection. Of the heap the part where objects are born: in the others a whole page counts
 * when its first byte is taken.
 */
function allocated() {
  const { arrayBuffers } = process.memoryUsage()
  let heap = 0
  for (const { space_name: name, space_used_size: size } of getHeapSpaceStatistics()) if (YOUNG.has(name)) heap += size
  return { heap, buffers: arrayBuffers }
}

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

import { Session } from 'node:inspector/promises'

/** By what they tell of: each runs something, and tells of the nodes of its tree who they are and what they took themselves. */
export const profilers = {
  /** Bytes allocated, whether or not they were collected since. */
  heap: (run) =>
    withSession(async (session) => {
      await session.post('HeapProfiler.startSampling', {
        samplingInterval: 256,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      })
      await run()
      const { profile } = await session.post('HeapProfiler.stopSampling')
      const all = []
      const visit = ({ callFrame, selfSize, children }) => {
        all.push({ ...nameOf(callFrame), self: selfSize })
        children.forEach(visit)
      }
      visit(profile.head)
      return all
    }),
  /** Microseconds on the thread that runs JavaScript. */
  cpu: (run) =>
    withSession(async (session) => {
      await session.post('Profiler.enable')
      await session.post('Profiler.setSamplingInterval', { interval: 100 })
      await session.post('Profiler.start')
      await run()
      const { profile } = await session.post('Profiler.stop')
      const self = new Map()
      profile.samples.forEach((id, i) => self.set(id, (self.get(id) ?? 0) + profile.timeDeltas[i]))
      return profile.nodes.map(({ id, callFrame }) => ({ ...nameOf(callFrame), self: self.get(id) ?? 0 }))
    }),
}

async function withSession(work) {
  const session = new Session()
  session.connect()
  try {
    return await work(session)
  } finally {
    session.disconnect()
  }
}

function nameOf({ functionName, url, lineNumber, columnNumber }) {
  return { name: functionName, url, line: lineNumber, column: columnNumber }
}

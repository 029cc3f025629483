// What loading packages costs, in a process of its own; started with --expose-gc.
import { createRequire } from 'node:module'
import process from 'node:process'
import { answer, cpuMicroseconds } from './answer.js'

const require = createRequire(import.meta.url)

answer({
  /** The CPU of loading them, in microseconds, and what they keep, in bytes. */
  async load({ way, specifiers }) {
    const before = heapInUse()
    const from = cpuMicroseconds()
    for (const specifier of specifiers) await (way === 'require' ? require(specifier) : import(specifier))
    const cpu = cpuMicroseconds() - from
    return { cpuMicroseconds: cpu, bytes: heapInUse() - before }
  },
})

function heapInUse() {
  for (let i = 0; i < 4; i += 1) globalThis.gc()
  return process.memoryUsage().heapUsed
}

// A contender's verifier without HTTP around it, in a process of its own; started with --expose-gc.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { answer, cpuMicroseconds } from './answer.js'

const CHUNK = 1000
const LOT = 100
const LOTS = 15

let verify

/** The tokens as bytes, each with its place: as strings they would be part of the heap that is measured. */
let tokens = { bytes: Buffer.alloc(0), ends: [0] }

answer({
  async start({ module, factory = 'createVerifier', setup }) {
    const contender = await import(new URL(`../contenders/${module}.js`, import.meta.url))
    verify = await contender[factory](setup)
  },
  load({ files, count }) {
    tokens = readTokens(files, count)
  },
  /** Whether each of these is accepted. */
  async judge({ tokens: list }) {
    const verdicts = []
    for (const token of list) verdicts.push(await accepts(token))
    return verdicts
  },
  /**
   * Verifies the tokens with these indices, so many at once, or as many chunks of them as the budget, in microseconds, is enough
   * for; the CPU that it took, in microseconds for a token.
   */
  async verify({ from = 0, indices, count = indices?.length, inFlight, budget = Infinity }) {
    let cpu = 0
    let verified = 0
    for (let start = 0; start < count && cpu < budget; start += CHUNK) {
      const size = Math.min(CHUNK, count - start)
      // Every token comes as a string of its own, as it does from a request: nothing knows its hash yet.
      const chunk = Array.from({ length: size }, (_, i) => tokenAt(indices?.[start + i] ?? from + start + i))
      const before = cpuMicroseconds()
      if (inFlight === 1) await oneByOne(chunk)
      else await severalAtOnce(chunk, inFlight)
      cpu += cpuMicroseconds() - before
      verified += size
    }
    return cpu / verified
  },
  /**
   * What verifying one of these tokens allocates on the heap, in bytes: the median of lots that are too small for anything to be
   * collected meanwhile.
   */
  async allocated({ from = 0, indices, count = indices?.length, inFlight }) {
    const found = []
    for (let start = 0; start + LOT <= count && found.length < LOTS; start += LOT) {
      const lot = Array.from({ length: LOT }, (_, i) => tokenAt(indices?.[start + i] ?? from + start + i))
      globalThis.gc()
      const before = process.memoryUsage().heapUsed
      await (inFlight === 1 ? oneByOne(lot) : severalAtOnce(lot, inFlight))
      found.push((process.memoryUsage().heapUsed - before) / LOT)
    }
    return found.sort((a, b) => a - b)[Math.floor(found.length / 2)]
  },
  /** What is in use after a garbage collection, but for the tokens themselves; in bytes. */
  memory() {
    for (let i = 0; i < 4; i += 1) globalThis.gc()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers - tokens.bytes.buffer.byteLength
  },
})

async function oneByOne(chunk) {
  for (const token of chunk) await verify(token)
}

async function severalAtOnce(chunk, inFlight) {
  let next = 0
  const work = async () => {
    while (next < chunk.length) await verify(chunk[next++])
  }
  await Promise.all(Array.from({ length: inFlight }, work))
}

async function accepts(token) {
  try {
    await verify(token)
    return true
  } catch {
    return false
  }
}

function readTokens(files, count) {
  const bytes = Buffer.concat(files.map((file) => readFileSync(file)))
  const ends = [0]
  for (let end = bytes.indexOf('\n'); end >= 0 && ends.length <= count; end = bytes.indexOf('\n', end + 1)) {
    ends.push(end + 1)
  }
  if (ends.length <= count) throw new Error(`${count} tokens are needed, the files have ${ends.length - 1}.`)
  return { bytes, ends }
}

function tokenAt(index) {
  return tokens.bytes.latin1Slice(tokens.ends[index], tokens.ends[index + 1] - 1)
}

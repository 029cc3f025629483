// From loading to the first good answer, in a fresh process, and what each part of that takes.
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import { answer, cpuMicroseconds } from './answer.js'

const REST_MS = 300

/** What each phase took so far, in microseconds. */
const phases = {}

/** What goes on, and since when; nothing while the first request is awaited. */
let current

function enter(phase) {
  const now = { cpu: cpuMicroseconds(), wall: performance.now() * 1000 }
  if (current !== undefined) {
    const known = (phases[current.phase] ??= { cpu: 0, wall: 0 })
    known.cpu += now.cpu - current.cpu
    known.wall += now.wall - current.wall
  }
  current = phase === undefined ? undefined : { phase, ...now }
}

let isListening = false

/** Reading and importing keys that have arrived is counted with what asked for them: they take less than a millisecond. */
function watchFetch(hasMetadata) {
  const { fetch } = globalThis
  let asked = 0
  globalThis.fetch = async (...parameters) => {
    enter(hasMetadata && asked === 0 ? 'metadata' : 'keys')
    asked += 1
    const response = await fetch(...parameters)
    if (isListening) enter('first request')
    return response
  }
}

answer({
  /** Loads, creates, listens, and tells the port. */
  async start({ specifiers, module, factory = 'createMiddleware', setup }) {
    watchFetch(setup.jwksUri === undefined)
    enter('load')
    for (const specifier of specifiers) await import(specifier)
    const contender = await import(new URL(`../contenders/${module}.js`, import.meta.url))
    enter('create')
    const middleware = await contender[factory](setup)
    enter()
    isListening = true
    const app = express()
    app.use((req, res, next) => {
      enter('first request')
      res.once('finish', () => enter('afterwards'))
      next()
    })
    if (middleware !== undefined) app.use(middleware)
    app.get('/', (req, res) => {
      res.json({ hello: 'world' })
    })
    return new Promise((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
    })
  },
  /** What is compiled in other threads goes on after the answer. */
  async phases() {
    await pause(REST_MS)
    enter()
    return phases
  },
})

// Requests as a resource server sees them, without HTTP around them, in a process of their own; started with --expose-gc.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { answer, cpuMicroseconds } from './answer.js'

const servers = {}

answer({
  /** One that takes proofs, and one that does not. */
  async start({ library, options, dpop }) {
    const { exports } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'))
    const { createResourceServer } = await import(pathToFileURL(join(library, exports['./core'].import.default)).href)
    servers.plain = createResourceServer(options)
    servers.proving = createResourceServer({ ...options, dpop })
  },
  /** Authenticates each of these; the CPU that it took, in microseconds for a request. A refusal is an error. */
  async authenticate({ server, fields }) {
    const requests = fields.map(({ authorization, dpop }) => ({
      method: 'GET',
      url: '/orders',
      headers: { authorization, ...(dpop !== undefined && { dpop }) },
      rawHeaders: ['Authorization', authorization, ...(dpop === undefined ? [] : ['DPoP', dpop])],
    }))
    const before = cpuMicroseconds()
    for (const request of requests) await servers[server].authenticate(request)
    return (cpuMicroseconds() - before) / requests.length
  },
  /** What is in use after a garbage collection, in bytes. */
  memory() {
    for (let i = 0; i < 4; i += 1) globalThis.gc()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  },
})

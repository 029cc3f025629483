import { createServer } from 'node:http'
import { requireAuth, type JsonWebKeySet } from 'express-resource-server'
import { createRedisStore } from 'express-resource-server/redis'
import express from 'express'
import { ORIGIN } from '../kit/dpop.js'
import { listen } from '../kit/server.js'
import { clients } from '../kit/redis-clients.js'

/** What the API is to be told. */
export interface BoundApiSetup {
  readonly issuer: string
  readonly audience: string
  readonly jwks: JsonWebKeySet
  readonly redis: string
  /** Of `clients`. */
  readonly client: string
  readonly timeoutSeconds: number
}

// An API in a process of its own, that takes proofs and shares a Redis: bound-api.ts SETUP. It tells its parent its port.
// The parent passes one BoundApiSetup.
const { redis, client, timeoutSeconds, ...options } = JSON.parse(process.argv[2] ?? '{}') as BoundApiSetup

const opened = await clients[client]?.(redis)
if (opened === undefined) throw new Error('There is no such client.')
const replay = createRedisStore({ client: opened.client, timeoutSeconds })
const app = express()
app.use(requireAuth({ ...options, dpop: { origin: ORIGIN, replay } }))
app.get('/orders', (_req, res) => {
  res.json({})
})
process.send?.(await listen(createServer(app)))

// One process of the API: of all others it knows the Redis. Whoever starts it is told its port.
import { createServer } from 'node:http'
import express from 'express'
import { createRevocation, getAuth, requireAuth } from 'express-resource-server'
import { createRedisStore } from 'express-resource-server/redis'
import helmet from 'helmet'
import { createClient } from 'redis'
import { listen } from '../listen.js'

const client = createClient({ url: process.env['REDIS_URL'] ?? '' })
// Whether Redis answers, the requests show.
client.on('error', () => undefined)
await client.connect()
const revocation = createRevocation({ store: createRedisStore({ client }), staleSeconds: 1 })
await revocation.ready()

const app = express()
app.use(helmet())
// Issuer and audience are in the environment.
app.use(requireAuth({ revocation }))
app.get('/orders', (req, res) => {
  res.json({ of: getAuth(req).clientId })
})
app.post('/sign-out', async (req, res) => {
  await revocation.revoke(getAuth(req))
  res.sendStatus(204)
})

process.once('disconnect', () => process.exit())
process.send?.(await listen(createServer(app), { port: 0, advice: 'try again' }))

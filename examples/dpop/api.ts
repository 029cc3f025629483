// One process of the API: of all others it knows the Redis and the secret. Whoever starts it is told its port.
import { createServer } from 'node:http'
import express from 'express'
import { getAuth, requireAuth } from 'express-resource-server'
import { createRedisStore } from 'express-resource-server/redis'
import helmet from 'helmet'
import { createClient } from 'redis'
import { listen } from '../listen.js'

const { API_ORIGIN: origin = '', NONCE_SECRET: secret = '', REDIS_URL: url = '' } = process.env
const client = createClient({ url })
// Whether Redis answers, the requests show.
client.on('error', () => undefined)
await client.connect()

const app = express()
app.use(helmet())
// Issuer and audience are in the environment.
app.use(
  requireAuth({
    dpop: { origin, nonce: { secret, everySeconds: 300 }, replay: createRedisStore({ client }) },
  }),
)
app.get('/orders', (req, res) => {
  res.json({ of: getAuth(req).clientId, proved: getAuth(req).binding?.thumbprint })
})

process.once('disconnect', () => process.exit())
process.send?.(await listen(createServer(app), { port: 0, advice: 'try again' }))

import { originsAt } from './stage/addresses.js'
import { startWorld } from './world.js'

const DEFAULT_PORT = 4400

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function main(): Promise<void> {
  const { PORT, REDIS_URL: redisUrl } = process.env
  const port = PORT === undefined ? DEFAULT_PORT : Number(PORT)
  const world = await startWorld({ port, redisUrl })
  const { app, bff, careless, evil, auth, idp, api } = world.origins
  console.log(`Open this in a Chromium browser:

  ${app}

The traveller       ${app}   a single-page app
  its renewal desk  ${auth}   the token handler
The guide           ${bff}   a backend for the frontend
Passport office     ${idp}   oidc-provider, made for this demonstration
Border control      ${api}   the API, behind express-resource-server
What not to do      ${careless}
The thief           ${evil}

Ctrl-C ends them all.`)
  const stop = (): void => void world.close()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
void originsAt

import { check } from './check.js'
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
  const isCheck = process.argv.includes('--check')
  // A check needs no port that anybody knows.
  const port = Number(PORT ?? (isCheck ? 0 : DEFAULT_PORT))
  const world = await startWorld({ port, redisUrl })
  if (isCheck) {
    try {
      process.exitCode = (await check(world.origins)) ? 0 : 1
    } finally {
      await world.close()
    }
    return
  }
  const { app, auth, bff, idp, api, careless, evil } = world.origins
  console.log(`The traveller     ${app}, a single-page app
Renewal desk      ${auth}, its token handler
The guide         ${bff}, a backend for the frontend
Passport office   ${idp}, oidc-provider, made for this demonstration
Border control    ${api}, the API behind express-resource-server
What not to do    ${careless}
The thief         ${evil}

Open ${app} in a Chromium browser. Ctrl-C ends everything.`)
  const stop = (): void => void world.close()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

import { check } from './check.js'
import type { Origins } from './stage/addresses.js'
import { takePicture } from './stage/picture.js'
import { startWorld } from './world.js'

const DEFAULT_PORT = 4400

/** What to do instead of waiting for visitors. */
const errands: Readonly<Record<string, (origins: Origins) => Promise<boolean>>> = {
  '--check': check,
  async '--picture'(origins) {
    console.log(await takePicture(origins))
    return true
  },
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function main(): Promise<void> {
  const { PORT, REDIS_URL: redisUrl } = process.env
  const errand = errands[process.argv[2] ?? '']
  // An errand needs no port that anybody knows.
  const port = Number(PORT ?? (errand === undefined ? DEFAULT_PORT : 0))
  const world = await startWorld({ port, redisUrl })
  if (errand !== undefined) {
    try {
      process.exitCode = (await errand(world.origins)) ? 0 : 1
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

import { check } from './check.js'
import { takePicture } from './stage/picture.js'
import { startWorld, type World } from './world.js'

const DEFAULT_PORT = 4400

/** What to do instead of waiting for visitors. */
const errands: Readonly<Record<string, (world: World) => Promise<boolean>>> = {
  '--check': check,
  async '--picture'({ origins }) {
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
  const { PORT, REDIS_URL: redisUrl, SESSION_SECRET: sessionSecret } = process.env
  if (redisUrl !== undefined && (sessionSecret ?? '').length < 32) {
    throw new Error(
      'REDIS_URL keeps sessions over a restart. Their cookies need SESSION_SECRET, of 32 characters or more.',
    )
  }
  const errand = errands[process.argv[2] ?? '']
  // An errand needs no port that anybody knows.
  const port = Number(PORT ?? (errand === undefined ? DEFAULT_PORT : 0))
  const world = await startWorld({ port, redisUrl, sessionSecret })
  if (errand !== undefined) {
    try {
      process.exitCode = (await errand(world)) ? 0 : 1
    } finally {
      await world.close()
    }
    return
  }
  const { app, auth, bff, idp, api, plain, careless, evil } = world.origins
  console.log(`The traveller     ${app}, a single-page app
Renewal desk      ${auth}, its token handler
The guide         ${bff}, a backend for the frontend
Passport office   ${idp}, oidc-provider, made for this demonstration
Border control    ${api}, the API behind express-resource-server
Plain session     ${plain}, one server and no tokens
What not to do    ${careless}
The thief         ${evil}

Open ${app} in a Chromium browser. Ctrl-C ends everything.`)
  const stop = (): void => void world.close()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

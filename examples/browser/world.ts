import { randomBytes } from 'node:crypto'
import type { RequestListener, Server } from 'node:http'
import express from 'express'
import { listen } from '../listen.js'
import { createApi } from './api.js'
import { createApp } from './app.js'
import { createBff } from './bff/bff.js'
import { createSessions } from './bff/create-sessions.js'
import type { Sessions } from './bff/sessions.js'
import { createCarelessApp } from './careless-app.js'
import { createThief } from './evil.js'
import { createPlainApp } from './plain-app.js'
import { createIdentityProvider } from './identity-provider.js'
import { createOAuthClient } from './oauth-client.js'
import { clientIds, originsAt, type Origins, type Role } from './stage/addresses.js'
import { createFrontDoor } from './stage/front-door.js'
import { createJournal } from './stage/journal.js'
import { loopbackFetch } from './stage/loopback-fetch.js'
import { createTokenHandler } from './token-handler.js'

export interface WorldOptions {
  /** 0 for any free port. */
  readonly port: number
  readonly accessTokenSeconds?: number
  /** Where the BFF keeps its sessions; in memory without it. */
  readonly redisUrl?: string | undefined
  /** Signs and seals cookies. Made anew at every start without it, which ends what cookies held before. */
  readonly sessionSecret?: string | undefined
  /** The clock of the API, in milliseconds since the epoch. */
  readonly apiClock?: () => number
  /** How long the token handler and the BFF wait for the provider. */
  readonly patienceMilliseconds?: number
}

export interface World {
  readonly origins: Origins
  /** Starts the guide anew, as a deployment would: it remembers what its session store and its secret remember. */
  restartGuide(): Promise<void>
  /** Puts somebody in the place of a role, to see what others do then; `undefined` puts the role back. */
  standIn(role: Role, who: ((honest: RequestListener) => RequestListener) | undefined): void
  close(): Promise<void>
}

const REFRESH_TOKEN_SECONDS = 8 * 3600

/** Puts everybody in place and opens the front door. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { port, accessTokenSeconds = 60, redisUrl, sessionSecret = randomSecret(), apiClock } = options
  const honest = new Map<Role, RequestListener>()
  const roles = new Map<Role, RequestListener>()
  const journal = createJournal()
  const place = (role: Role, who: RequestListener): void => {
    const listener = journal.listen(role, who)
    honest.set(role, listener)
    roles.set(role, listener)
  }
  const server: Server = createFrontDoor(roles)
  const origins = originsAt(await listen(server, { port, advice: 'set PORT to a free port' }))

  const secrets = { app: randomSecret(), bff: randomSecret() }
  const clientOf = (name: keyof typeof secrets) =>
    createOAuthClient({
      issuer: origins.idp,
      clientId: clientIds[name],
      clientSecret: secrets[name],
      patienceMilliseconds: options.patienceMilliseconds,
    })
  const thief = createThief(origins, journal)

  const idp = { origins, secrets, accessTokenSeconds, refreshTokenSeconds: REFRESH_TOKEN_SECONDS, journal }
  place('idp', await createIdentityProvider(idp))
  const clock = apiClock === undefined ? {} : { clock: apiClock }
  place('api', createApi(origins, journal.note, { fetch: loopbackFetch, ...clock }))
  place('app', createApp(origins, journal))
  const tokenHandler = createTokenHandler({
    origins,
    client: clientOf('app'),
    note: journal.note,
    refreshTokenSeconds: REFRESH_TOKEN_SECONDS,
    secret: sessionSecret,
  })
  place('auth', express().use(thief.copyCookies, tokenHandler))
  place('plain', createPlainApp(origins, journal, sessionSecret))
  place('careless', createCarelessApp(origins, journal))
  place('evil', thief.site)

  let sessions: Sessions | undefined
  async function restartGuide(): Promise<void> {
    await sessions?.close()
    sessions = await createSessions(redisUrl)
    place('bff', createBff({ origins, client: clientOf('bff'), sessions, secret: sessionSecret, journal }))
  }
  await restartGuide()

  return {
    origins,
    restartGuide,
    standIn(role, who) {
      const itself = honest.get(role)
      if (itself !== undefined) roles.set(role, who === undefined ? itself : who(itself))
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await sessions?.close()
    },
  }
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

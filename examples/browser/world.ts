import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import express from 'express'
import type { RequestListener } from 'node:http'
import { listen } from '../listen.js'
import { createApi } from './api.js'
import { createApp } from './app.js'
import { createBff } from './bff/bff.js'
import { createSessionStore } from './bff/session-store.js'
import { createCarelessApp } from './careless-app.js'
import { createThief } from './evil.js'
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
  /** The clock of the API, in milliseconds since the epoch. */
  readonly apiClock?: () => number
}

export interface World {
  readonly origins: Origins
  close(): Promise<void>
}

const REFRESH_TOKEN_SECONDS = 8 * 3600

/** Puts everybody in place and opens the front door. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { port, accessTokenSeconds = 60, redisUrl, apiClock } = options
  const roles = new Map<Role, RequestListener>()
  const server: Server = createFrontDoor(roles)
  const origins = originsAt(await listen(server, { port, advice: 'set PORT to a free port' }))

  const journal = createJournal()
  const sessions = await createSessionStore(redisUrl)
  const secrets = { app: randomSecret(), bff: randomSecret() }
  const clientOf = (name: keyof typeof secrets) =>
    createOAuthClient({ issuer: origins.idp, clientId: clientIds[name], clientSecret: secrets[name] })
  const thief = createThief(origins, journal)

  const idp = { origins, secrets, accessTokenSeconds, refreshTokenSeconds: REFRESH_TOKEN_SECONDS, journal }
  roles.set('idp', await createIdentityProvider(idp))
  const clock = apiClock === undefined ? {} : { clock: apiClock }
  roles.set('api', createApi(origins, journal.note, { fetch: loopbackFetch, ...clock }))
  roles.set('app', createApp(origins, journal))
  const tokenHandler = {
    origins,
    client: clientOf('app'),
    note: journal.note,
    refreshTokenSeconds: REFRESH_TOKEN_SECONDS,
  }
  roles.set('auth', express().use(thief.copyCookies, createTokenHandler(tokenHandler)))
  roles.set('bff', createBff({ origins, client: clientOf('bff'), sessions, secret: randomSecret(), journal }))
  roles.set('careless', createCarelessApp(journal))
  roles.set('evil', thief.site)

  return {
    origins,
    async close() {
      server.close()
      server.closeAllConnections()
      await sessions.close()
    },
  }
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

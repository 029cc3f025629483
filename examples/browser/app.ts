import express, { type Express } from 'express'
import { securityHeaders } from './security-headers.js'
import type { Origins } from './stage/addresses.js'
import type { Journal } from './stage/journal.js'
import { pages, signInModules } from './stage/pages.js'

/**
 * The traveller: a single-page app, which is to say: files. Everything that it does happens in the browser, in
 * `pages/app`. It may talk to its API, its token handler and its provider, and to nobody else.
 */
export function createApp({ api, auth, idp }: Origins, journal: Journal): Express {
  const app = express()
  app.use(securityHeaders({ connect: [api, auth, idp], frame: [idp], framedBySelf: true }))
  app.get('/journal', journal.answer)
  app.use(pages('app'), signInModules())
  return app
}

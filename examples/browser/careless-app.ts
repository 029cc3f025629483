import express, { type Express } from 'express'
import type { Origins } from './stage/addresses.js'
import type { Journal } from './stage/journal.js'
import { pages, signInModules } from './stage/pages.js'

/**
 * WHAT NOT TO DO. The same single-page app with its tokens in `localStorage` or `sessionStorage`, a guest book that
 * shows HTML as it was written, and no Content-Security-Policy. Each of the three is a mistake; together they are a
 * theft.
 *
 * It is also a sibling of the other apps, which is to say: somebody who may set cookies for the whole site.
 */
export function createCarelessApp({ careless }: Origins, journal: Journal): Express {
  const site = new URL(careless).hostname.replace(/^\w+\./, '')
  const app = express()
  app.get('/journal', journal.answer)
  /** Plants by header what its script plants by `document.cookie`. */
  app.post('/plant', express.urlencoded({ extended: false, limit: '4kb' }), (req, res) => {
    const { name = '', value = '' } = req.body as Record<string, string | undefined> // our own page sends both
    for (const path of ['/', '/session/refresh']) {
      res.append('set-cookie', `${name}=${value}; Domain=${site}; Path=${path}; Secure; HttpOnly; Max-Age=60`)
    }
    res.status(204).end()
  })
  /** The names of what the browser sent: what was planted for the site comes to every host of it. */
  app.get('/received', ({ headers }, res) => {
    res.json((headers.cookie ?? '').split(';').map((pair) => pair.trim().split('=', 1)[0]))
  })
  app.use(pages('careless'), signInModules())
  return app
}

import express, { type Express } from 'express'
import type { Journal } from './stage/journal.js'
import { pages, signInModules } from './stage/pages.js'

/**
 * WHAT NOT TO DO. The same single-page app with its tokens in `localStorage` or `sessionStorage`, a guest book that
 * shows HTML as it was written, and no Content-Security-Policy. Each of the three is a mistake; together they are a
 * theft.
 */
export function createCarelessApp(journal: Journal): Express {
  const app = express()
  app.get('/journal', journal.stream)
  app.use(pages('careless'), signInModules())
  return app
}

import { fileURLToPath } from 'node:url'
import express, { Router, type RequestHandler } from 'express'

const root = new URL('../pages/', import.meta.url)
const oauth4webapi = fileURLToPath(import.meta.resolve('oauth4webapi'))

const serve = (folder: string): RequestHandler => express.static(fileURLToPath(new URL(folder, root)))

/** The files of one role's pages, and those of the board. */
export function pages(role: string): Router {
  return Router().use(serve(role)).use('/board', serve('board'))
}

/** What pages need that sign in by themselves: their common part, and the OAuth library as its authors ship it. */
export function signInModules(): Router {
  return Router()
    .use('/spa', serve('spa'))
    .get('/vendor/oauth4webapi.js', (_req, res) => {
      res.sendFile(oauth4webapi)
    })
}

import express, { type ErrorRequestHandler } from 'express'
import express4 from 'express4'

/** Both versions of Express, for `describe.each`: the name, and what makes an app. */
export const expressVersions = [
  ['4', express4],
  ['5', express],
] as const

/** Shows what came to `next`: the status it asks for, its name and its message. Express knows it by its four parameters. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars
export const showError: ErrorRequestHandler = (error: Error & { status?: number }, _req, res, _next) => {
  res.status(error.status ?? 500).json({ name: error.name, message: error.message })
}

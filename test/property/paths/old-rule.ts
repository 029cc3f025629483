import type { RequestHandler } from 'express'
import type { PlainRow } from './files.js'
import { nameOf } from './files.js'

/**
 * How route tables matched before: segments as they came, empty ones left out, without regard to case; every row that matches
 * must be open. The oracle must find what it lets through.
 */
export function oldRule(rows: readonly PlainRow[]): RequestHandler {
  const patterns = rows.map((row) => ({ ...row, texts: splitOf(nameOf(row).slice('GET '.length)) }))
  return (req, res, next) => {
    const path = splitOf(req.path)
    const matched = patterns.filter(({ texts, isTree }) => {
      const segments = isTree ? texts.slice(0, -1) : texts
      if (isTree ? path.length < segments.length : path.length !== segments.length) return false
      return segments.every((text, at) => text.startsWith(':') || text === path[at])
    })
    if (matched.length > 0 && matched.every((row) => row.isOpen)) next()
    else res.sendStatus(401)
  }
}

function splitOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '')
}

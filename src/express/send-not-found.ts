import type { Request, Response } from 'express'
import { readUrl } from '../lib/urls.js'

/** What stands in no URL as it is, and a percent sign that begins no escape. */
const UNSAFE = /[^!#-;=?-_a-z|~]+|%(?![0-9A-F]{2})/gi
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Answers a request as Express answers one that no route takes, to the letter: nothing tells it from a path that is not there.
 *
 * @see {@link https://github.com/pillarjs/finalhandler | finalhandler}, which Express 4 and 5 answer with
 */
export function sendNotFound(req: Request, res: Response): void {
  const message = `Cannot ${req.method} ${pathOf(req).toWellFormed().replace(UNSAFE, encodeURI)}`
  const body = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>${message.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')}</pre>
</body>
</html>
`
  res.statusCode = 404
  for (const name of ['Content-Encoding', 'Content-Language', 'Content-Range']) res.removeHeader(name)
  res.setHeader('Content-Security-Policy', "default-src 'none'")
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(req.method === 'HEAD' ? undefined : body)
}

function pathOf({ originalUrl }: Request): string {
  const whole = originalUrl.startsWith('/') ? originalUrl : (readUrl(originalUrl)?.pathname ?? originalUrl)
  return whole.split(/[?#]/, 1)[0] ?? ''
}

import type { RequestHandler } from 'express'

/** Only scripts can set it, and only those that a preflight allowed to. Its value means nothing. */
const CSRF_HEADER = 'x-csrf'

/**
 * Refuses what a page of any other origin caused: 403. Three locks, each of which holds alone.
 *
 * 1. The header `x-csrf`: a form cannot send it, and a foreign script is asked for a CORS preflight first.
 * 2. `Origin`, where the browser sends one: exactly the one that is expected. SameSite cookies do not see the difference
 *    between `app.a.localhost` and `other.a.localhost`; this does.
 * 3. `Sec-Fetch-Site`, which no script can forge. A caller that sends neither this nor `Origin` is no browser.
 */
export function onlyFrom(
  origin: string,
  fetchSite: 'same-origin' | 'same-site',
  refused: (by: string) => void,
): RequestHandler {
  return (req, res, next) => {
    const { origin: sentOrigin, 'sec-fetch-site': sentSite } = req.headers
    const isExpected =
      req.headers[CSRF_HEADER] !== undefined &&
      (sentOrigin === undefined || sentOrigin === origin) &&
      (sentSite === undefined || sentSite === fetchSite) &&
      (sentOrigin ?? sentSite) !== undefined
    if (isExpected) {
      next()
      return
    }
    refused(sentOrigin ?? 'an unnamed origin')
    res.status(403).json({ error: 'cross_site_request' })
  }
}

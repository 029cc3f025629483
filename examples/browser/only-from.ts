import type { RequestHandler } from 'express'

/** Only scripts can set it, and only those that a preflight allowed to. Its value means nothing. */
const CSRF_HEADER = 'x-csrf'

/**
 * Refuses what a page of any other origin caused: 403. A request needs all of these.
 *
 * 1. The header `x-csrf`: a form cannot send it, and a foreign script is asked for a CORS preflight first. It holds as
 *    long as CORS allows nobody else.
 * 2. `Origin`, exactly the one that is expected. Browsers send it with everything but GET and HEAD, and with every request
 *    that a script makes to another origin. SameSite cookies do not see the difference between `app.a.localhost` and
 *    `other.a.localhost`; this does.
 * 3. `Sec-Fetch-Site`, which no script can forge, where the browser sends it.
 *
 * A GET of the page's own origin has no `Origin`; there `Sec-Fetch-Site: same-origin` must say so. Safari before 16.4 sends
 * neither and gets 403: a caller that does not say where it comes from is not let in.
 */
export function onlyFrom(
  origin: string,
  fetchSite: 'same-origin' | 'same-site',
  refused: (by: string) => void,
): RequestHandler {
  return ({ headers }, res, next) => {
    const { origin: sentOrigin, 'sec-fetch-site': sentSite } = headers
    const isOwnGet = sentOrigin === undefined && fetchSite === 'same-origin' && sentSite === 'same-origin'
    const isExpected =
      headers[CSRF_HEADER] !== undefined &&
      (sentOrigin === origin || isOwnGet) &&
      (sentSite === undefined || sentSite === fetchSite)
    if (isExpected) {
      next()
      return
    }
    refused(sentOrigin ?? 'an unnamed origin')
    res.status(403).json({ error: 'cross_site_request' })
  }
}

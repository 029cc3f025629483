/**
 * What people write around a verifier when they have no middleware: takes the Bearer token, and refuses with a challenge.
 *
 * @param {(token: string) => unknown} verify - Throws, or rejects, for a token that is not good.
 * @returns {import('express').RequestHandler}
 */
export function bearer(verify) {
  return async (req, res, next) => {
    const [scheme, token, ...rest] = (req.headers.authorization ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) {
      res.set('WWW-Authenticate', 'Bearer').sendStatus(401)
      return
    }
    try {
      req.auth = await verify(token)
    } catch {
      res.set('WWW-Authenticate', 'Bearer error="invalid_token"').sendStatus(401)
      return
    }
    next()
  }
}

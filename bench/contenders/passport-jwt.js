// http://www.passportjs.org/packages/passport-jwt with the key set of jwks-rsa, as its EXAMPLES.md joins them.
import jwksRsa from 'jwks-rsa'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

export function createMiddleware({ issuer, audience, jwksUri, algorithm }) {
  const options = {
    secretOrKeyProvider: jwksRsa.passportJwtSecret({ cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri }),
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    issuer,
    audience,
    algorithms: [algorithm],
  }
  // Whoever presents the token is the user: nothing is looked up.
  passport.use(new Strategy(options, (payload, done) => done(null, payload)))
  return passport.authenticate('jwt', { session: false })
}

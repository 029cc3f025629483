// The entry for those who want `req.auth` typed: importing it is all there is to it, and does nothing at run time.
import type { Auth } from './tokens/auth.js'

declare global {
  // Express's own types declare this namespace to be extended.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      /**
       * The verified access token, behind `requireAuth()`. Prefer `getAuth(req)`, which is never undefined and cannot be
       * fooled by anything else that writes here.
       *
       * Loose enough to stand beside the augmentation of the MCP TypeScript SDK, whose `AuthInfo` an `Auth` is.
       */
      auth?: Pick<Auth, 'token' | 'clientId' | 'scopes'> & Partial<Auth>
    }
  }
}

import type { Authenticator } from '../authenticator.js'
import { AuthError } from '../errors.js'
import type { McpAuthInfo, ToAuthInfo } from './auth-info.js'

/** An `OAuthTokenVerifier` of the MCP TypeScript SDK, of its first and of its second version. */
export interface McpTokenVerifier {
  /** Says what a token says, or rejects with the SDK's error for a bad one, or an UnavailableError where it cannot be told. */
  verifyAccessToken(token: string): Promise<McpAuthInfo>
}

/** Makes the error that the SDK takes for a bad token: it tells it by its class, and so the application has to make it. */
export type InvalidToken = (message: string) => Error

/** Makes a verifier for the middleware of the SDK. */
export function createTokenVerifier(
  authenticator: Authenticator,
  toAuthInfo: ToAuthInfo,
  invalidToken: InvalidToken,
): McpTokenVerifier {
  return {
    async verifyAccessToken(token) {
      try {
        return toAuthInfo((await authenticator.verifyToken(token)).auth)
      } catch (error) {
        // The public text: it has no character that would need quoting in the SDK's challenge.
        throw error instanceof AuthError ? invalidToken(error.message) : error
      }
    },
  }
}

import type { RefusalError } from '../errors.js'

/**
 * With which codes connections are closed, of the registry of close codes or of a protocol over WebSocket.
 *
 * @see {@link https://www.iana.org/assignments/websocket/websocket.xml#close-code-number | IANA} for 1011, 1013, 3000 and 3003
 */
export interface CloseCodes {
  /** There is no good token, or no longer. */
  readonly unauthorized: number
  /** A good token does not suffice. */
  readonly forbidden: number
}

export const plainCodes: CloseCodes = { unauthorized: 3000, forbidden: 3003 }

/** Those of the protocol graphql-transport-ws. */
export const graphqlCodes: CloseCodes = { unauthorized: 4401, forbidden: 4403 }

/** "Try Again Later": it cannot be told. Clients come back, and keep their token. */
const TRY_AGAIN_LATER = 1013
const INTERNAL_ERROR = 1011

/** Picks the code for an error. */
export function closeCodeOf({ status }: Pick<RefusalError, 'status'>, codes: CloseCodes): number {
  if (status === 503) return TRY_AGAIN_LATER
  if (status === 500) return INTERNAL_ERROR
  return status === 400 || status === 401 ? codes.unauthorized : codes.forbidden
}

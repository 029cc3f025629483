import type { OAuthClient } from '../oauth-client.js'
import type { Origins } from '../stage/addresses.js'
import type { Journal } from '../stage/journal.js'
import type { SessionTokens } from './session-tokens.js'
import type { Sessions } from './sessions.js'

export interface BffOptions {
  readonly origins: Origins
  readonly client: OAuthClient
  readonly sessions: Sessions
  /** Signs the session cookie and seals the sign-ins under way. The same after a restart, where sessions outlive it. */
  readonly secret: string
  readonly journal: Journal
  /** How long the API may take for a whole answer. */
  readonly apiPatienceMilliseconds?: number
}

/** What the parts of the BFF share. */
export interface BffContext extends BffOptions {
  readonly tokens: SessionTokens
}

import { filled, filledBut } from '../marks.js'
import type { Profile } from './profile.js'

/**
 * The JWT profile for access tokens, to the letter.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 | RFC 9068 §2.2}
 */
export const rfc9068: Profile = {
  name: 'rfc9068',
  onlyTyped: true,
  marks: [],
  requiredClaims: ['sub', 'client_id', 'iat', 'jti'],
  scopes: ['scope'],
  scopesAreText: true,
  roles: ['roles'],
  permissions: ['entitlements'],
  clientId: ['client_id', 'azp'],
  // RFC 9068 §2.2: a client's own token has the client for its subject; §2.2.1: a sign-in was a user's.
  appMarks: [{ sub: '{client}' }],
  userMarks: ['auth_time', 'acr', 'amr'].map((claim) => ({ sub: filledBut('{client}'), [claim]: filled })),
  hint: 'The profile "rfc9068" accepts nothing but "typ: at+jwt" in the header.',
}

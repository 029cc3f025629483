import { filled, filledBut } from '../marks.js'
import type { Profile } from './profile.js'

/** Duende IdentityServer: `typ: at+jwt`, scopes as an array unless configured otherwise. */
export const duende: Profile = {
  name: 'duende',
  onlyTyped: true,
  marks: [],
  scopes: ['scope'],
  roles: ['role'],
  permissions: [],
  clientId: ['client_id'],
  // A client's own token has no subject, unless one is set by hand.
  appMarks: [{ client_id: filled, sub: false }],
  userMarks: [{ sub: filledBut('{client}'), auth_time: filled }],
  audienceHint:
    'Duende: the audience is the name of the ApiResource that the scope belongs to; tokens for an ApiScope alone have none.',
  hint: 'Duende marks access tokens with "typ: at+jwt" (AccessTokenJwtType).',
}

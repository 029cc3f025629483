import { filledBut } from '../marks.js'
import { userinfoMark } from './generic.js'
import type { Profile } from './profile.js'

/** Auth0, both of its access token profiles. A custom domain needs the profile by name. */
export const auth0: Profile = {
  name: 'auth0',
  isIssuer: ({ hostname }) => hostname.endsWith('.auth0.com'),
  marks: [{ scope: true }, { permissions: true }, { gty: true }, userinfoMark],
  scopes: ['scope'],
  roles: ['roles'],
  permissions: ['permissions'],
  clientId: ['client_id', 'azp'],
  // A machine's subject is its client id with "@clients" at the end (client credentials).
  appMarks: [{ sub: '{client}@clients' }, { gty: 'client-credentials' }],
  userMarks: [{ sub: filledBut('{client}@clients'), gty: { not: 'client-credentials' } }],
  hint: 'Auth0 issues a JWT access token for an API only when the client sends the parameter "audience".',
  audienceHint: 'Auth0: it is the identifier of the API in the dashboard, which the client sends as "audience".',
}

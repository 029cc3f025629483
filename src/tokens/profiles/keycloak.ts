import { filled, filledBut } from '../marks.js'
import type { Profile } from './profile.js'

/** Keycloak. Its tokens say what they are in the claim `typ`: `Bearer`, `DPoP`, `ID`, `Refresh`, ... */
export const keycloak: Profile = {
  name: 'keycloak',
  resembles: ({ pathname }) => /\/realms\/[^/]+$/.test(pathname) && !pathname.includes('/oauth2/'),
  marks: [],
  scopes: ['scope'],
  roles: ['realm_access.roles'],
  audienceRoles: (audience) => ['resource_access', audience, 'roles'],
  permissions: [],
  clientId: ['client_id', 'azp'],
  // A service account is a user of that name, and has no session unless the client is given refresh tokens.
  appMarks: [{ preferred_username: 'service-account-{client}', sid: false }],
  userMarks: [{ preferred_username: filledBut('service-account-{client}'), sid: filled }],
  audienceHint:
    'Keycloak: give the client an audience mapper (client scopes, mapper "Audience") that adds this API; "account" is in nearly every token and says nothing.',
  hint: 'An access token of Keycloak has the claim "typ" with "Bearer". Give the client an audience mapper for this API.',
}

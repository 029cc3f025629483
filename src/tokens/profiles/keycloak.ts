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
  appMarks: [{ has: { preferred_username: 'service-account-{client}' }, hasNot: { sid: true } }],
  userMarks: [
    { has: { preferred_username: true, sid: true }, hasNot: { preferred_username: 'service-account-{client}' } },
  ],
  audienceHint:
    'Keycloak: give the client an audience mapper (client scopes, mapper "Audience") that adds this API; "account" is in nearly every token and says nothing.',
  hint: 'An access token of Keycloak has the claim "typ" with "Bearer". Give the client an audience mapper for this API.',
}

import type { Profile } from './profile.js'

/** Keycloak. Its tokens say what they are in the claim `typ`: `Bearer`, `DPoP`, `ID`, `Refresh`, ... */
export const keycloak: Profile = {
  name: 'keycloak',
  isIssuer: ({ pathname }) => /\/realms\/[^/]+$/.test(pathname),
  marks: [],
  scopes: ['scope'],
  roles: ['realm_access.roles'],
  audienceRoles: (audience) => ['resource_access', audience, 'roles'],
  permissions: [],
  clientId: ['client_id', 'azp'],
  hint: 'An access token of Keycloak has the claim "typ" with "Bearer". Give the client an audience mapper for this API.',
}

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
  hint: 'Duende marks access tokens with "typ: at+jwt" (AccessTokenJwtType).',
}

import type { Profile } from './profile.js'

/** Ory Hydra with the JWT access token strategy, whichever way it writes scopes. */
export const hydra: Profile = {
  name: 'hydra',
  negatives: [{ auth_time: true }, { acr: true }],
  marks: [
    { client_id: true, scp: true },
    { client_id: true, scope: true },
    { client_id: true, ext: true },
  ],
  scopes: ['scope', 'scp'],
  roles: ['ext.roles', 'roles'],
  permissions: [],
  clientId: ['client_id'],
  // "auth_time" is for its ID tokens: what it says of a user's token is not in the token.
  appMarks: [{ sub: '{client}' }],
  userMarks: [],
  hint: 'Hydra issues opaque access tokens unless "strategies.access_token" is "jwt".',
  audienceHint: 'Hydra: the client must be allowed the audience, and ask for it by the parameter "audience".',
}

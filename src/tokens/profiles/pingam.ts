import type { Profile } from './profile.js'

/** PingAM, ForgeRock AM and OpenAM with client-based tokens. `tokenName` says what a token is; the audience is the client. */
export const pingam: Profile = {
  name: 'pingam',
  resembles: ({ pathname }) =>
    /\/oauth2\/realms\/root(?:\/realms\/[^/]+)*$|\/(?:open)?am\/oauth2(?:\/[^/]+)?$/.test(pathname),
  marks: [],
  scopes: ['scope'],
  roles: [],
  permissions: [],
  clientId: ['client_id'],
  appMarks: [{ grant_type: 'client_credentials' }],
  userMarks: [{ grant_type: 'authorization_code' }],
  hint: 'An access token of PingAM has the claim "tokenName" with "access_token". Client-based tokens have to be switched on there.',
}

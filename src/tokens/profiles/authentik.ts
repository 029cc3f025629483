import type { Profile } from './profile.js'

/**
 * authentik, the provider whose access and ID tokens are hardest to tell apart: an access token is the ID token of the same
 * sign-in with `azp` and `uid` added.
 */
export const authentik: Profile = {
  name: 'authentik',
  resembles: ({ pathname }) => /\/application\/o\/[^/]+\/$/.test(pathname),
  marks: [{ azp: true, uid: true }],
  scopes: ['scope'],
  roles: ['groups'],
  permissions: [],
  clientId: ['azp'],
  // A client's own token is that of a service account, which is a user: nothing in the token tells.
  appMarks: [],
  userMarks: [],
  hint: 'An access token of authentik has the claim "uid". Give this API an audience of its own by a property mapping.',
  audienceHint: 'authentik: it is the client id of the provider, unless a property mapping sets another.',
}

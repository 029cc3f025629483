import type { Profile } from './profile.js'

/**
 * authentik, the provider whose access and ID tokens are hardest to tell apart: the same `aud`, `typ` and claims; `uid` alone
 * is only in access tokens.
 */
export const authentik: Profile = {
  name: 'authentik',
  isIssuer: ({ pathname }) => /\/application\/o\/[^/]+\/$/.test(pathname),
  marks: [['uid']],
  scopes: ['scope'],
  roles: ['groups'],
  permissions: [],
  clientId: ['azp'],
  // A client's own token is that of a service account, which is a user: nothing in the token tells.
  appMarks: [],
  userMarks: [],
  hint: 'An access token of authentik has the claim "uid". Give this API an audience of its own by a property mapping.',
}

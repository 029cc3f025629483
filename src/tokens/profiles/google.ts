import type { Profile } from './profile.js'

/** Google. Its access tokens are opaque, so that a JWT of Google's is an ID token or a service account's own. */
export const google: Profile = {
  name: 'google',
  isIssuer: ({ hostname }) => hostname === 'accounts.google.com',
  marks: [],
  scopes: ['scope'],
  roles: [],
  permissions: [],
  clientId: ['azp'],
  appMarks: [],
  userMarks: [],
  hint: 'Google issues no JWT access tokens: any JWT of Google that you receive is an ID token or self-signed by a service account.',
}

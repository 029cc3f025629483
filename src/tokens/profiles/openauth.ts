import type { Profile } from './profile.js'

/** OpenAuth. Its only JWTs are access tokens; the audience is the client, and `type` the kind of subject. */
export const openauth: Profile = {
  name: 'openauth',
  otherwiseUsed: ['type'],
  marks: [{ mode: 'access' }],
  scopes: ['scope'],
  roles: [],
  permissions: [],
  clientId: ['aud'],
  appMarks: [],
  userMarks: [],
  hint: 'An access token of OpenAuth has the claim "mode" with "access".',
}

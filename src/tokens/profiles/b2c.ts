import { filled } from '../marks.js'
import type { Profile } from './profile.js'

/**
 * Azure AD B2C. `scp` is in access tokens only, of users and of machines; those of the implicit flow carry the client's
 * `nonce` too. The keys are those of the policy: name them by `jwksUri`.
 */
export const b2c: Profile = {
  name: 'b2c',
  isIssuer: ({ hostname }) => hostname.endsWith('.b2clogin.com'),
  proofs: [{ scp: true }],
  marks: [],
  scopes: ['scp'],
  roles: ['roles'],
  permissions: [],
  clientId: ['azp'],
  // A machine's token has the subject of its service principal, and no sign-in.
  appMarks: [],
  userMarks: [{ scp: filled, auth_time: filled }],
  hint: 'An ID token of Azure AD B2C has no "scp". Have the client ask for a scope of this API.',
}

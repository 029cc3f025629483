import { filled } from '../marks.js'
import type { Profile } from './profile.js'

/** Clerk, session tokens to which an audience was added. `azp` is the origin of the page, and no client. */
export const clerk: Profile = {
  name: 'clerk',
  isIssuer: ({ hostname }) => hostname.endsWith('.clerk.accounts.dev'),
  marks: [{ sid: true, fva: true }],
  scopes: ['scope'],
  roles: ['o.rol', 'org_role'],
  permissions: ['org_permissions'],
  clientId: ['client_id'],
  appMarks: [],
  userMarks: [{ sid: filled, sub: filled }],
  audienceHint: 'Add "aud" to the session token, or to a JWT template, in the dashboard of Clerk.',
  hint: 'A session token of Clerk has the claims "sid" and "fva". Give a JWT template the claim "token_use" with "access".',
}

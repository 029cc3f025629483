import { filled } from '../marks.js'
import type { Profile } from './profile.js'

/** Supabase Auth. `role` is the role in its database, `authenticated` for everybody who signed in. */
export const supabase: Profile = {
  name: 'supabase',
  isIssuer: ({ hostname, pathname }) => hostname.endsWith('.supabase.co') && pathname === '/auth/v1',
  marks: [{ role: true, session_id: true, aal: true }],
  scopes: ['scope'],
  roles: ['role'],
  permissions: [],
  clientId: ['client_id'],
  appMarks: [],
  userMarks: [{ session_id: filled, sub: filled }],
  audienceHint: 'Keys of a Supabase project ("anon", "service_role") are no access tokens.',
  hint: 'An access token of Supabase has the claims "role", "session_id" and "aal".',
}

import type { Profile } from './profile.js'

/** Supabase Auth. `role` is the role in its database, `authenticated` for everybody who signed in. */
export const supabase: Profile = {
  name: 'supabase',
  isIssuer: ({ hostname, pathname }) => hostname.endsWith('.supabase.co') && pathname === '/auth/v1',
  marks: [['role', 'session_id', 'aal']],
  scopes: ['scope'],
  roles: ['role'],
  permissions: [],
  clientId: ['client_id'],
  appMarks: [],
  userMarks: [{ has: { session_id: true, sub: true } }],
  audienceHint: 'Keys of a Supabase project ("anon", "service_role") are no access tokens.',
  hint: 'An access token of Supabase has the claims "role", "session_id" and "aal".',
}

import type { Profile } from './profile.js'

/** PingOne: `typ: at+jwt` where it is sent (always, from March 2027), else `client_id` with `scope`. */
export const pingone: Profile = {
  name: 'pingone',
  isIssuer: ({ hostname }) => /^auth\.pingone\.[a-z.]+$/.test(hostname),
  marks: [['client_id', 'scope']],
  scopes: ['scope'],
  roles: ['roles'],
  permissions: [],
  clientId: ['client_id'],
  // "auth_time" and "acr" are never in a client's own tokens.
  appMarks: [{ has: { sub: '{client}' } }],
  userMarks: [{ has: { sub: true, auth_time: true }, hasNot: { sub: '{client}' } }],
  audienceHint: 'PingOne: it is the audience of the custom resource whose scopes the client asks for.',
}

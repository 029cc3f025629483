import { filled, filledBut } from '../marks.js'
import type { Profile } from './profile.js'

/** PingOne: `typ: at+jwt` where it is sent (always, from March 2027), else `client_id` with `scope`. */
export const pingone: Profile = {
  name: 'pingone',
  isIssuer: ({ hostname }) => /^auth\.pingone\.[a-z.]+$/.test(hostname),
  marks: [{ client_id: true, scope: true }],
  scopes: ['scope'],
  roles: ['roles'],
  permissions: [],
  clientId: ['client_id'],
  // "auth_time" and "acr" are never in a client's own tokens.
  appMarks: [{ sub: '{client}' }],
  userMarks: [{ sub: filledBut('{client}'), auth_time: filled }],
  audienceHint: 'PingOne: it is the audience of the custom resource whose scopes the client asks for.',
}

import { filled } from '../marks.js'
import { generic } from './generic.js'
import type { Profile } from './profile.js'

/** Cloud Foundry UAA and SAP XSUAA. ID tokens have a scope and a client too; access tokens the client's `nonce`. */
export const uaa: Profile = {
  name: 'uaa',
  resembles: ({ pathname }) => pathname.endsWith('/oauth/token'),
  negatives: generic.negatives ?? [],
  proofs: [{ client_id: true, cid: true, scope: true }],
  marks: [],
  scopes: ['scope'],
  roles: [],
  permissions: [],
  clientId: ['client_id', 'cid', 'azp'],
  appMarks: [{ grant_type: 'client_credentials' }],
  userMarks: [{ user_id: filled, grant_type: { not: 'client_credentials' } }],
  hint: 'An access token of UAA has the claims "client_id", "cid" and "scope".',
}

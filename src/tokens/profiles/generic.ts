import { filled, filledBut, type Mark } from '../marks.js'
import type { Profile } from './profile.js'

/** Auth0 and its like: an API beside the userinfo endpoint of the issuer. */
export const userinfoMark: Mark = { aud: { beside: '{iss}userinfo' } }

/**
 * Claims that no provider puts into ID tokens without a word of this file about it. `client_id`, `azp`, `uid`, `roles`,
 * `auth_time`, `acr` and `sid` are no marks, since some do.
 */
export const genericMarks: readonly Mark[] = [
  { scope: true },
  { scp: true },
  { permissions: true },
  { appid: true },
  { azpacr: true },
  { idtyp: true },
  userinfoMark,
]

/** Any issuer, by what providers have in common and by what tells the ID tokens of those that differ. */
export const generic: Profile = {
  name: 'generic',
  negatives: [
    // Cloud Foundry UAA: its ID tokens have a scope and a client too.
    { zid: true, cid: true, email_verified: true },
    { zid: true, cid: true, amr: true },
    { zid: true, cid: true, user_attributes: true },
    { zid: true, cid: true, previous_logon_time: true },
    // AD FS: its ID tokens have a scope and a client too, and are signed under another name than its access tokens.
    { apptype: true, authmethod: true, iss: /\/adfs$/i },
    // FusionAuth: its ID tokens have a scope since 1.50.
    { authenticationType: true, tid: true, applicationId: false },
  ],
  proofs: [
    // What UAA and Azure AD B2C put into access tokens even beside the client's nonce.
    { zid: true, cid: true, client_id: true, scope: true },
    { tfp: true, azp: true, scp: true },
  ],
  marks: [],
  genericMarks: true,
  scopes: ['scope', 'scp'],
  roles: ['roles'],
  permissions: ['permissions'],
  clientId: ['client_id', 'azp', 'appid', 'cid'],
  // "acr" proves nothing here: Keycloak puts it into the tokens of service accounts.
  appMarks: [{ sub: '{client}' }, { idtyp: 'app' }, { gty: 'client-credentials' }],
  userMarks: ['auth_time', 'amr'].map((claim) => ({
    sub: filledBut('{client}'),
    [claim]: filled,
    idtyp: { not: 'app' },
    gty: { not: 'client-credentials' },
  })),
}

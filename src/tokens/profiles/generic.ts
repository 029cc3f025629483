import type { Mark, Profile } from './profile.js'

/**
 * Claims that no provider puts into ID tokens without a word of this file about it. `client_id`, `azp`, `uid`, `roles`,
 * `auth_time`, `acr` and `sid` are no marks, since some do.
 */
export const genericMarks: readonly Mark[] = [['scope'], ['scp'], ['permissions'], ['appid'], ['azpacr'], ['idtyp']]

/** Any issuer, by what providers have in common and by what tells the ID tokens of those that differ. */
export const generic: Profile = {
  name: 'generic',
  negatives: [
    // Cloud Foundry UAA: its ID tokens have a scope and a client too.
    ['zid', 'cid', 'email_verified'],
    ['zid', 'cid', 'amr'],
    ['zid', 'cid', 'user_attributes'],
    ['zid', 'cid', 'previous_logon_time'],
    // AD FS: its ID tokens have a scope and a client too, and are signed under another name than its access tokens.
    { has: { apptype: true, authmethod: true, iss: /\/adfs$/i } },
    // FusionAuth: its ID tokens have a scope since 1.50.
    { has: { authenticationType: true, tid: true }, hasNot: ['applicationId'] },
  ],
  proofs: [
    // What UAA and Azure AD B2C put into access tokens even beside the client's nonce.
    ['zid', 'cid', 'client_id', 'scope'],
    ['tfp', 'azp', 'scp'],
  ],
  marks: [],
  genericMarks: true,
  scopes: ['scope', 'scp'],
  roles: ['roles'],
  permissions: ['permissions'],
  clientId: ['client_id', 'azp', 'appid', 'cid'],
  // "acr" proves nothing here: Keycloak puts it into the tokens of service accounts.
  appMarks: [{ has: { sub: '{client}' } }, { has: { idtyp: 'app' } }, { has: { gty: 'client-credentials' } }],
  userMarks: ['auth_time', 'amr'].map((claim) => ({
    has: { sub: true, [claim]: true },
    hasNot: { sub: '{client}', idtyp: 'app', gty: 'client-credentials' },
  })),
}

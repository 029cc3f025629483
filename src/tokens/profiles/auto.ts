import type { Profile } from './profile.js'

/**
 * Any issuer that nothing more is known of. Its marks are claims that no provider puts into ID tokens; `client_id`, `azp`,
 * `uid`, `roles`, `auth_time`, `acr` and `sid` are no marks, since some do.
 */
export const auto: Profile = {
  name: 'auto',
  marks: [['scope'], ['scp'], ['permissions'], ['appid'], ['azpacr'], ['idtyp']],
  userinfoAudienceMarks: true,
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

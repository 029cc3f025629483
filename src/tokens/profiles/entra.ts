import { filled } from '../marks.js'
import type { Profile } from './profile.js'

const HOSTS =
  /^(?:sts\.windows\.net|login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|.+\.ciamlogin\.com)$/

/** Microsoft Entra ID, v1.0 and v2.0 tokens. `roles` proves nothing: ID tokens carry it too. */
export const entra: Profile = {
  name: 'entra',
  isIssuer: ({ hostname }) => HOSTS.test(hostname),
  marks: [
    { scp: true },
    { appid: true },
    { appidacr: true },
    { azpacr: true },
    { idtyp: true },
    { azp: true, roles: true },
  ],
  tenantClaim: 'tid',
  scopes: ['scp'],
  roles: ['roles'],
  permissions: [],
  clientId: ['azp', 'appid'],
  // "idtyp" is an optional claim. Without it: "scp" is what a user delegated, and only an application has roles without it.
  appMarks: [{ idtyp: 'app' }, { roles: filled, idtyp: false, scp: false }],
  userMarks: [{ idtyp: 'user' }, { scp: filled, idtyp: false }],
  hint: 'An ID token of Entra has no "scp", "appid" or "azpacr". Have the client ask for a scope of this API ("api://.../...").',
  audienceHint:
    'Entra: "aud" is the client id of the API (a GUID) in v2.0 tokens, and that or its App ID URI ("api://...") in v1.0 tokens. List both where both come.',
}

import { filled } from '../marks.js'
import { generic } from './generic.js'
import type { Profile } from './profile.js'

/**
 * Active Directory Federation Services, from 2016. Its ID tokens have `scp`, `appid` and `apptype` as well; only their issuer,
 * `https://HOST/adfs`, tells them from access tokens, which name `http://HOST/adfs/services/trust`.
 */
export const adfs: Profile = {
  name: 'adfs',
  resembles: ({ pathname }) => /\/adfs(?:\/services\/trust)?$/i.test(pathname),
  negatives: generic.negatives ?? [],
  marks: [{ apptype: true, appid: true }],
  scopes: ['scp'],
  // A claim of the user: which ones there are is up to the issuance rules of this API.
  roles: ['role', 'roles'],
  permissions: [],
  clientId: ['appid'],
  appMarks: [{ sub: '{client}' }],
  userMarks: [{ upn: filled }],
  hint: 'The issuer of an access token of AD FS is "http://HOST/adfs/services/trust": write that, with "jwksUri" "https://HOST/adfs/discovery/keys".',
}

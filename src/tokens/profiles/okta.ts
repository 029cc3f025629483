import { filled } from '../marks.js'
import type { Profile } from './profile.js'

/** Okta custom authorization servers (`/oauth2/...`). `jti: AT....` marks their access tokens, `cid` with `scp` does too. */
export const okta: Profile = {
  name: 'okta',
  isIssuer: ({ hostname }) => /\.okta(?:preview|-emea|-gov)?\.com$/.test(hostname),
  marks: [{ cid: true, scp: true }],
  scopes: ['scp'],
  roles: ['groups'],
  permissions: [],
  clientId: ['cid'],
  appMarks: [{ sub: '{client}', uid: false }],
  userMarks: [{ uid: filled }],
  hint: 'Tokens of the org authorization server cannot be verified by an API: use a custom authorization server, "https://ORG/oauth2/default" say.',
  audienceHint:
    'Okta: it is the "Audience" in the settings of the authorization server, "api://default" for the one called default.',
}

import type { Profile } from './profile.js'

/** FusionAuth. The audience is shared with ID tokens, which have neither `applicationId` nor `roles`. */
export const fusionauth: Profile = {
  name: 'fusionauth',
  marks: [['applicationId'], ['roles'], ['permissions'], ['gty']],
  scopes: ['scope'],
  roles: ['roles'],
  permissions: [],
  clientId: ['applicationId'],
  appMarks: [{ has: { gty: 'client_credentials' } }],
  userMarks: [{ has: { applicationId: true, authenticationType: true }, hasNot: { gty: 'client_credentials' } }],
}

import { filled } from '../marks.js'
import type { Profile } from './profile.js'

/**
 * FusionAuth. The audience is shared with ID tokens, which have `scope` too (since 1.50), and neither `applicationId` nor
 * `roles` (since 1.24) unless a lambda adds them.
 */
export const fusionauth: Profile = {
  name: 'fusionauth',
  // `gty` stands in the payload of every token since 1.60.
  marks: [{ applicationId: true }, { permissions: true }, { gty: 'client_credentials' }],
  scopes: ['scope'],
  roles: ['roles'],
  rolesOf: 'applicationId',
  permissions: [],
  clientId: ['applicationId'],
  appMarks: [{ gty: 'client_credentials' }],
  userMarks: [{ applicationId: filled, authenticationType: filled, gty: { not: 'client_credentials' } }],
  hint: 'An access token of FusionAuth has the claim "applicationId" where its user is registered for the application; an ID token has not.',
  audienceHint: 'FusionAuth: it is the id of the application.',
}

import type { Profile } from './profile.js'

/** ZITADEL with JWT access tokens. The audience is shared with ID tokens, which alone have `azp`, `auth_time`, `amr` and `sid`. */
export const zitadel: Profile = {
  name: 'zitadel',
  isIssuer: ({ hostname }) => hostname.endsWith('.zitadel.cloud'),
  negatives: [{ azp: true }, { auth_time: true }, { amr: true }, { sid: true }],
  marks: [{ client_id: true, jti: true }],
  scopes: ['scope'],
  // Not `urn:zitadel:iam:org:project:roles`: that is about the project of whichever client asked for the token.
  roles: [],
  audienceRoles: (audience) => [`urn:zitadel:iam:org:project:${audience}:roles`],
  rolesAreMemberNames: true,
  permissions: [],
  clientId: ['client_id'],
  // A machine is a user like any other there: nothing in the token tells.
  appMarks: [],
  userMarks: [],
  hint: 'ZITADEL issues opaque access tokens unless the application is set to JWT.',
  audienceHint:
    'ZITADEL: it is the id of the project; the client asks for it by the scope "urn:zitadel:iam:org:project:id:{id}:aud".',
}

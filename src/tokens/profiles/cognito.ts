import { filled } from '../marks.js'
import type { Profile } from './profile.js'

/** Amazon Cognito user pools. Access tokens have no `aud`: the option `audience` names the app clients that may call. */
export const cognito: Profile = {
  name: 'cognito',
  isIssuer: ({ hostname }) => /^cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/.test(hostname),
  marks: [],
  audienceFallback: 'client_id',
  scopes: ['scope'],
  roles: ['cognito:groups'],
  permissions: [],
  clientId: ['client_id'],
  appMarks: [{ sub: '{client}', username: false }],
  userMarks: [{ username: filled, sub: { not: '{client}' } }],
  audienceHint:
    'Cognito: a token without "aud" is compared by "client_id", so that "audience" must list the ids of the app clients that may call.',
  hint: 'An access token of Cognito has the claim "token_use" with "access".',
}

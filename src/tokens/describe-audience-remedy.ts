import type { JsonObject } from '../lib/strict-json.js'
import type { Profile } from './profiles/profile.js'

/** Says what to do about a token without `aud`: what its provider needs, or which provider it looks like. */
export function describeAudienceRemedy(claims: JsonObject, { name, audienceHint }: Profile): string {
  const remedy = audienceHint ?? remedyOf(claims, name)
  return `"aud" is missing: the token names no audience. ${remedy}`
}

function remedyOf(claims: JsonObject, profile: string): string {
  if (claims['token_use'] === 'access' && Object.hasOwn(claims, 'client_id') && profile !== 'cognito') {
    return 'A token of Amazon Cognito looks like this: set "profile" to "cognito", and "audience" to the ids of the app clients that may call.'
  }
  if (Object.hasOwn(claims, 'fva')) {
    return 'A session token of Clerk looks like this: add "aud" to it, or to a JWT template, and set "profile" to "clerk".'
  }
  return 'Have the issuer name this API in "aud": register it there as an API (resource, audience), and have the client ask for it.'
}

import type { JsonObject } from '../lib/strict-json.js'
import { findMark, type Mark } from './marks.js'
import type { Profile } from './profiles/profile.js'

/** Tokens of providers that need their profile by name, where another one is set. */
const LOOKALIKES: readonly { readonly mark: Mark; readonly profile: string; readonly remedy: string }[] = [
  {
    mark: { token_use: 'access', client_id: true },
    profile: 'cognito',
    remedy:
      'A token of Amazon Cognito looks like this: set "profile" to "cognito", and "audience" to the ids of the app clients that may call.',
  },
  {
    mark: { fva: true },
    profile: 'clerk',
    remedy:
      'A session token of Clerk looks like this: add "aud" to it, or to a JWT template, and set "profile" to "clerk".',
  },
]

const ELSE =
  'Have the issuer name this API in "aud": register it there as an API (resource, audience), and have the client ask for it.'

/** Says what to do about a token without `aud`: what its provider needs, or which provider it looks like. */
export function describeAudienceRemedy(claims: JsonObject, { name, audienceHint }: Profile): string {
  const remedy = audienceHint ?? remedyOf(claims, name)
  return `"aud" is missing: the token names no audience. ${remedy}`
}

function remedyOf(claims: JsonObject, profile: string): string {
  const alike = LOOKALIKES.find((one) => one.profile !== profile && findMark([one.mark], claims) !== undefined)
  return alike?.remedy ?? ELSE
}

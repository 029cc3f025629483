import { ConfigurationError } from '../errors.js'
import { readUrl } from '../lib/urls.js'
import { warnOnce } from '../warnings.js'
import { quoteList, splitList } from './one-text.js'

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const GRAPH = /^(?:00000003-0000-0000-c000-000000000000|https:\/\/graph\.microsoft\.com\/?)$/i

/** What was written where the name of an API belongs, and cannot be one. */
const MISTAKES: readonly { readonly isIt: (audience: string) => boolean; readonly says: string }[] = [
  { isIt: (one) => one.trim() !== one, says: 'begins or ends with white space, or is nothing else: remove it' },
  {
    isIt: (one) => one === '*' || /\*[./:]|[./:]\*/.test(one),
    says: 'holds a wildcard, and audiences are compared character by character: list each',
  },
  {
    isIt: (one) => /[{}<>]/.test(one) || /^YOUR[_-]/.test(one),
    says: 'holds a placeholder: write what your API is called in "aud"',
  },
  {
    isIt: (one) => ['undefined', 'null', 'NaN', 'true', 'false', '[object Object]'].includes(one),
    says: 'is what a missing variable becomes in a text: look at where it comes from',
  },
  {
    isIt: (one) => GRAPH.test(one),
    says: 'is Microsoft Graph, whose tokens nobody else can verify: write the client id of your API, and have clients ask for a scope of it',
  },
]

/**
 * Refuses what can be no audience of an API, and what looks like several where one was written.
 *
 * @throws {ConfigurationError} With what to do about it.
 */
export function checkAudience(audience: string | readonly string[]): void {
  // A name may hold a space ("My API"); a comma, or a space between URLs, is how lists are written elsewhere.
  const several = typeof audience === 'string' ? splitList(audience) : []
  if (several.length > 1 && (audience.includes(',') || several.every((one) => readUrl(one) !== undefined))) {
    throw new ConfigurationError(
      `The option "audience" (${JSON.stringify(audience)}) holds several audiences in one text: write a list, ${quoteList(several)}. If it is one name, write a list of that one.`,
    )
  }
  for (const one of [audience].flat()) {
    const mistake = MISTAKES.find(({ isIt }) => isIt(one))
    if (mistake === undefined) continue
    throw new ConfigurationError(`The option "audience" (${JSON.stringify(one)}) ${mistake.says}.`)
  }
}

/**
 * Looks at the audience of one issuer: warns of what may be meant and mostly is not.
 *
 * @throws {ConfigurationError} On the issuer's own userinfo endpoint.
 */
export function judgeAudience(audience: readonly string[], issuer: string, profile: string): void {
  if (audience.some((one) => one === `${issuer}userinfo` || one === `${issuer}/userinfo`)) {
    throw new ConfigurationError(
      'The option "audience" is the userinfo endpoint of the issuer, which is in the token of every client that signs anybody in: write the identifier of your API.',
    )
  }
  // With resource binding, a resource of a URL stands in "aud"; without it there is none.
  if (profile === 'cognito' && audience.every((one) => one.includes('/'))) {
    warnOnce(
      'ERS_AUDIENCE_UNUSUAL',
      'Access tokens of Cognito have no "aud", unless the client asks for a resource: without it, "audience" must list the ids of the app clients that may call.',
    )
  }
  if (profile === 'entra' && issuer.endsWith('/v2.0') && !audience.some((one) => GUID.test(one))) {
    warnOnce(
      'ERS_AUDIENCE_UNUSUAL',
      'In v2.0 tokens of Microsoft Entra "aud" is the client id of the API, a GUID. An App ID URI ("api://...") stands in v1.0 tokens only, whose issuer is "https://sts.windows.net/TENANT/".',
    )
  }
  if (profile === 'keycloak' && audience.includes('account')) {
    warnOnce(
      'ERS_AUDIENCE_SHARED',
      '"account" is in the tokens of nearly every client of a Keycloak realm: give this API an audience of its own, by an audience mapper.',
    )
  }
}

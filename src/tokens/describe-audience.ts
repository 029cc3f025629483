import { quote, quoteAll } from '../lib/quote.js'
import { findDifference } from './describe-difference.js'
import type { Profile } from './profiles/profile.js'

/** What was found where, and what would have done. */
export interface AudienceMismatch {
  /** The claim that was compared. */
  readonly claim: string
  readonly found: readonly string[]
  readonly expected: readonly string[]
  readonly issuer: string
  readonly profile: Pick<Profile, 'name' | 'audienceHint'>
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What an audience that is somebody else's tells of how the token was asked for. */
const TELLING: readonly { readonly isIt: (audience: string, issuer: string) => boolean; readonly says: string }[] = [
  {
    isIt: (one, issuer) => one === `${issuer}userinfo` || one === `${issuer}/userinfo`,
    says: 'It is for the userinfo endpoint alone: the client asked for no API',
  },
  {
    isIt: (one) => one === '00000003-0000-0000-c000-000000000000' || one.startsWith('https://graph.microsoft.com'),
    says: 'It is for Microsoft Graph, and nobody else can use it: have the client ask for a scope of this API',
  },
  { isIt: (one, issuer) => one === issuer, says: 'It is for the issuer itself' },
]

/** Says what was found and expected, how they differ, and what the provider has to do with it. For operators. */
export function describeAudience({ claim, found, expected, issuer, profile }: AudienceMismatch): string {
  const what =
    found.length === 0
      ? `its "${claim}" is an empty list`
      : `its "${claim}" ${found.length === 1 ? 'is' : 'holds'} ${quoteAll(found)}`
  const parts = [
    `${what}; expected ${expected.length === 1 ? '' : 'one of '}${quoteAll(expected)}`,
    nearest(found, expected, profile.name),
    TELLING.find(({ isIt }) => found.length > 0 && found.every((one) => isIt(one, issuer)))?.says,
    profile.audienceHint,
  ]
  return parts.filter((part) => part !== undefined).join('. ')
}

function nearest(found: readonly string[], expected: readonly string[], profile: string): string | undefined {
  const { found: one, expected: other, says } = findDifference(found, expected, compareLists) ?? {}
  if (one !== undefined && other !== undefined) return `${quote(one)} and ${quote(other)}: ${says ?? ''}`
  return profile === 'entra' ? describeForms(found[0] ?? '', expected[0] ?? '') : undefined
}

/** One text that holds several. */
function compareLists(found: string, expected: string): string | undefined {
  const holds = (text: string, part: string): boolean => {
    const parts = text.split(/[\s,]+/).filter((one) => one !== '')
    return parts.length > 1 && parts.includes(part)
  }
  if (holds(found, expected)) return '"aud" is one text that holds several; a list of them is an array'
  return holds(expected, found) ? 'the option "audience" is one text that holds several; write an array' : undefined
}

function describeForms(found: string, expected: string): string | undefined {
  if (GUID.test(found) === GUID.test(expected)) return undefined
  const formOf = (text: string): string => (GUID.test(text) ? 'a client id' : 'an App ID URI')
  return `The token names ${formOf(found)}, the option "audience" ${formOf(expected)}`
}

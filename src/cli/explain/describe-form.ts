import { readBase64Url } from '../../lib/base64url.js'
import { quote } from '../../lib/quote.js'
import { ownMember, readJsonObject } from '../../lib/strict-json.js'

/** What a text is that was presented as a token, as far as its form tells. Nothing of it is repeated. */
export interface Form {
  readonly form: 'jwt' | 'encrypted' | 'opaque'
  /** In a few words. */
  readonly says: string
  /** What to do about one that cannot be judged here. */
  readonly remedy?: string
}

interface Kind {
  readonly isIt: RegExp
  readonly says: string
  readonly remedy: string
}

const ASK_FOR_JWT =
  'Have the client name this API when it asks for the token ("audience" at Auth0, "resource" by RFC 8707, a scope of the API at Entra), or have the issuer make JWTs for it: docs/providers.md, by provider.'
const ASK_FOR_ACCESS =
  'Send the "access_token" of the token response, and look for what the client does to it on its way.'

/** Forms by which issuers' opaque tokens, and what people take for tokens, are told. */
const KINDS: readonly Kind[] = [
  {
    isIt: /^ya29\./,
    says: 'an opaque access token of Google',
    remedy: 'Google makes no JWTs of access tokens, and no other API can judge them: docs/providers.md.',
  },
  {
    isIt: /^ory_at_/,
    says: 'an opaque access token of Ory Hydra',
    remedy: 'Set "strategies.access_token" to "jwt" there.',
  },
  { isIt: /^ory_rt_/, says: 'a refresh token of Ory Hydra', remedy: ASK_FOR_ACCESS },
  {
    isIt: /^oat_/,
    says: 'an opaque OAuth access token of Clerk',
    remedy: 'Send a session token, or have Clerk make JWTs.',
  },
  { isIt: /^(?:gh[opusr]|github_pat)_/, says: 'a token of GitHub, for the API of GitHub', remedy: ASK_FOR_ACCESS },
  { isIt: /^(?:sk|pk|rk)_(?:live|test)_/, says: 'an API key, and no token', remedy: ASK_FOR_ACCESS },
  { isIt: /^v\d\.(?:public|local)\./, says: 'a PASETO, and no JWT', remedy: ASK_FOR_JWT },
  { isIt: /^(?:PHNhbW|PD94bWw|<)/, says: 'a SAML assertion or other XML', remedy: ASK_FOR_ACCESS },
  {
    isIt: /^(?:undefined|null|NaN|\[object Object\]|\$.*|\{\{.*|<.*>)$/,
    says: 'what a missing variable becomes in a text',
    remedy: 'Look where the client, or the shell, takes the token from.',
  },
]

/** Says what a text is, by its form alone. */
export function describeForm(token: string): Form {
  const segments = token.split('.', 7)
  if (segments.length === 5) return describeEncrypted(segments[0] ?? '')
  const isJson = token.startsWith('eyJ')
  if (segments.length === 3 && isJson) return { form: 'jwt', says: 'a signed JWT' }
  const kind = KINDS.find(({ isIt }) => isIt.test(token))
  if (kind !== undefined) return { form: 'opaque', says: kind.says, remedy: kind.remedy }
  if (isJson) {
    const remedy = 'Copy it whole: three parts with two dots between, and no line break within.'
    return { form: 'opaque', says: `part of a JWT: ${String(segments.length)} of its 3 parts`, remedy }
  }
  const says = `an opaque token of ${String(token.length)} characters: only its issuer knows what it means`
  return { form: 'opaque', says, remedy: ASK_FOR_JWT }
}

function describeEncrypted(headerText: string): Form {
  const bytes = readBase64Url(headerText.slice(0, 4096))
  const header = bytes && readJsonObject(bytes, { depth: 4, containers: 64, members: 128, commas: 256 })
  const alg = header && ownMember(header, 'alg')
  const by = typeof alg === 'string' ? `, "alg" ${quote(alg)}` : ''
  const remedy =
    alg === 'dir'
      ? 'Auth0 answers so when the client asks for no API: have it send "audience" with the identifier of this API.'
      : 'It is for whoever has the key. Have the issuer sign access tokens for this API, and encrypt none.'
  return { form: 'encrypted', says: `an encrypted JWT (JWE, five parts${by})`, remedy }
}

import { isFailure, type Failure } from '../../errors.js'
import { checkCredentials, readCredentials } from '../../request/read-credentials.js'

/** What somebody pasted, as a request would bring it. */
export interface Pasted {
  /** Empty where a request would bring none. */
  readonly token: string
  /** What a request with it would be refused for before anybody looks at the token. */
  readonly failure: Failure | undefined
  /** What a request with it would be refused for where the token itself is bad. */
  readonly otherwise: Failure | undefined
}

const SCHEME = /^(?:bearer|dpop|basic|token|jwt)(?:\s|$)/i

/** Reads a token, a header with one, a URL with one, or the answer of a token endpoint: people paste all of them. */
export function readPasted(pasted: string): Pasted {
  const text = pasted.trim()
  const inUrl = /^https?:\/\/\S*[?&#](?:access_token|token|jwt)=([^&#\s]*)/i.exec(text)?.[1]
  if (inUrl !== undefined) return { token: inUrl, failure: IN_URL, otherwise: undefined }
  const inAnswer = readAnswer(text)
  if (inAnswer !== undefined) return { token: inAnswer, failure: IN_ANSWER, otherwise: undefined }
  const value = text.replace(/^['"]?authorization\s*:\s*/i, '')
  const isHeader = value !== text || SCHEME.test(value)
  const credentials = readCredentials({ headers: { authorization: isHeader ? value : `Bearer ${value}` } })
  if (isFailure(credentials))
    return { token: /\s(\S*)$/.exec(value)?.[1] ?? '', failure: credentials, otherwise: undefined }
  return { token: credentials.token, failure: undefined, otherwise: checkCredentials(credentials) }
}

const IN_URL: Failure = {
  code: 'missing_token',
  detail: 'the token stands in a URL, where none is looked for: URLs are logged. Send it in the header Authorization',
}

const IN_ANSWER: Failure = {
  code: 'malformed_token',
  detail: 'this is the whole answer of a token endpoint: send its "access_token" and nothing else',
}

function readAnswer(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) return undefined
    return typeof answer.access_token === 'string' ? answer.access_token : ''
  } catch {
    return undefined
  }
}

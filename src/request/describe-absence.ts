import { readField, type IncomingRequest } from './incoming-request.js'

/** Why there are no credentials in a request, where more is to be said than that. */
export interface Absence {
  readonly kind: 'preflight' | 'dpop' | 'no scheme' | 'other scheme'
  readonly detail: string
}

/** Schemes that are told by name. Whatever else stands in the place of a scheme may be a secret. */
const KNOWN_SCHEMES = ['Basic', 'Digest', 'DPoP', 'Negotiate', 'NTLM', 'Token', 'JWT', 'ApiKey', 'AWS4-HMAC-SHA256']

const preflight: Absence = {
  kind: 'preflight',
  detail: 'a preflight (CORS), which a browser never sends a token with: mount cors() above requireAuth()',
}
const dpop: Absence = {
  kind: 'dpop',
  detail: 'the scheme is DPoP, and only Bearer is read: the option "dpop" is not set',
}
const noScheme: Absence = {
  kind: 'no scheme',
  detail: 'a token without a scheme: the client must write "Bearer" and a space before it',
}
const otherScheme: Absence = { kind: 'other scheme', detail: 'another scheme' }

/** Says why there are no credentials of these schemes in a request, for operators. */
export function describeAbsence(
  request: IncomingRequest,
  schemes: readonly string[] = ['Bearer'],
): Absence | undefined {
  const value = readField(request, 'authorization')
  if (value === undefined) {
    const asks = request.method === 'OPTIONS' && readField(request, 'access-control-request-method') !== undefined
    return asks ? preflight : undefined
  }
  const [scheme = '', rest] = value.slice(0, 4096).split(' ', 2)
  if (scheme.toLowerCase() === 'dpop') return dpop
  const known = KNOWN_SCHEMES.find((name) => name.toLowerCase() === scheme.toLowerCase())
  if (known !== undefined)
    return {
      kind: 'other scheme',
      detail: `the scheme is ${known}, and only ${schemes.join(' and ')} ${schemes.length === 1 ? 'is' : 'are'} read`,
    }
  // What a JWT begins with: base64url of {"
  return rest === undefined && scheme.startsWith('eyJ') ? noScheme : otherScheme
}

import { FetchError } from '../lib/fetch-json.js'
import { whenSettled, type Eventual } from '../lib/eventual.js'
import { isToken68 } from '../lib/header-grammar.js'
import { takeAnswer } from '../lib/take-answer.js'
import type { ClientAuthentication } from '../issuers/introspector.js'
import { signClientAssertion } from './client-assertion.js'
import { formEncode } from './form-encode.js'

/** Who asks whom. */
interface Asking {
  readonly issuer: string
  readonly clientId: string
  readonly clientAuthentication: ClientAuthentication
  /** In seconds since the epoch. */
  readonly now: number
  /** For an answer of the user's function. */
  readonly callbackTimeoutSeconds: number
}

/** What of a request proves who sends it. */
export interface Proof {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Proves to an issuer which client asks. By mutual TLS the connection does, which is the `fetch` of the user's: here the client
 * is only named (RFC 8705 §2).
 *
 * @throws {FetchError} When the user's function does not give a token.
 */
export function authenticateClient(asking: Asking): Eventual<Proof> {
  const { issuer, clientId, clientAuthentication: own, now } = asking
  switch (own.method) {
    case 'client_secret_basic': {
      // RFC 6749 §2.3.1: each is form-encoded before the colon goes between them.
      const credentials = Buffer.from(`${formEncode(clientId)}:${formEncode(own.clientSecret)}`).toString('base64')
      return { headers: { authorization: `Basic ${credentials}` }, parameters: {} }
    }
    case 'client_secret_post':
      return { headers: {}, parameters: { client_id: clientId, client_secret: own.clientSecret } }
    case 'private_key_jwt': {
      const assertion = signClientAssertion(own, { clientId, issuer, now })
      const parameters = { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }
      return { headers: {}, parameters }
    }
    case 'tls_client_auth':
      return { headers: {}, parameters: { client_id: clientId } }
    case 'bearer':
      return whenSettled(askForToken(own.token, asking), (token) => ({
        headers: { authorization: `Bearer ${token}` },
        parameters: {},
      }))
  }
}

function askForToken(
  token: string | (() => unknown),
  { issuer, callbackTimeoutSeconds: seconds }: Asking,
): Eventual<string> {
  const read = (answer: unknown): string => {
    if (typeof answer === 'string' && isToken68(answer)) return answer
    throw new FetchError(`${issuer} was not asked: "clientAuthentication.token" is no token`)
  }
  if (typeof token === 'string') return read(token)
  const late = (): Error =>
    new FetchError(`${issuer} was not asked: "clientAuthentication.token" did not answer within ${String(seconds)} s`)
  return takeAnswer(token(), { read, deadline: { seconds, late } })
}

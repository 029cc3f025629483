import { EndpointLocation } from '../issuers/endpoint-location.js'
import type { IntrospectionSettings } from '../issuers/introspector.js'
import type { KeySet } from '../issuers/key-set.js'
import type { IssuerSettings } from '../issuers/trusted-issuer.js'
import { secondsOf, type Clock } from '../lib/clock.js'
import { fetchBody } from '../lib/fetch-body.js'
import { FetchError, type Fetch } from '../lib/fetch-json.js'
import { ownMember } from '../lib/strict-json.js'
import { withoutSecrets } from '../lib/urls.js'
import { authenticateClient } from './authenticate-client.js'
import { readAnswer, readMembers, type ReadAnswer } from './read-answer.js'
import { readSignedAnswer } from './read-signed-answer.js'

/** What asking an issuer about tokens takes. */
export interface EndpointOptions {
  readonly settings: IssuerSettings
  readonly introspection: IntrospectionSettings
  readonly keys: Pick<KeySet, 'find'>
  readonly fetch: Fetch
  readonly dangerouslyAllowHttp: boolean
  /** For the metadata. */
  readonly maxBytes: number
  readonly callbackTimeoutSeconds: number
  readonly clock: Clock
}

/** Why the issuer does not answer, as it seems: it does not take this API for a client that may ask. */
export class ClientRefused extends FetchError {}

/** Asks about one token. */
export interface Endpoint {
  /** Where it is, as far as that is known. */
  readonly place: () => string
  /** @throws {FetchError} When it cannot be told. */
  readonly find: (signal: AbortSignal, pauses: number) => Promise<string>
  /**
   * @param pauses - How often in a row it did not answer.
   * @throws {FetchError} When it does not answer what can be read.
   * @throws {UnavailableError} When an answer is signed, and the keys cannot be had.
   */
  readonly call: (
    token: string,
    exchange: { readonly signal: AbortSignal; readonly pauses: number },
  ) => Promise<ReadAnswer>
}

/** For one answer. No claims of a token need more. */
const MAX_ANSWER_BYTES = 64 * 1024
const SIGNED = 'application/token-introspection+jwt'
const MEDIA_TYPES = /^application\/(?:json|token-introspection\+jwt)$/i
const CLIENT_ERRORS = ['invalid_client', 'unauthorized_client', 'access_denied']

/** Sets up how one issuer is asked. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { settings, introspection, keys, fetch, maxBytes, dangerouslyAllowHttp, callbackTimeoutSeconds, clock } =
    options
  const { issuer } = settings
  const { clientId, clientAuthentication, signedResponse } = introspection
  const remedy = 'give it "introspection.endpoint"'
  const wanted = { member: 'introspection_endpoint', configured: introspection.endpoint, remedy } as const
  const location = new EndpointLocation({ issuer, fetch, maxBytes, dangerouslyAllowHttp }, wanted, clock)
  let latest = introspection.endpoint

  const find = async (signal: AbortSignal, pauses: number): Promise<string> => {
    latest = await location.find(signal, pauses)
    return latest
  }
  const exchange = async (url: string, token: string, signal: AbortSignal) => {
    const now = secondsOf(clock)
    const asking = { issuer, clientId, clientAuthentication, now, callbackTimeoutSeconds }
    const { headers, parameters } = await authenticateClient(asking)
    const request = {
      method: 'POST',
      headers: {
        accept: signedResponse === 'required' ? SIGNED : 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token', ...parameters }).toString(),
    } as const
    const terms = { signal, maxBytes: MAX_ANSWER_BYTES, request, statuses: [200, 400], mediaType: MEDIA_TYPES }
    return fetchBody(fetch, url, { ...terms, format: 'JSON' }).catch((error: unknown) => {
      throw error instanceof FetchError && isAboutClient(error.status) ? refusal(url, error.status) : error
    })
  }
  const refusal = (url: string, status: number): ClientRefused =>
    new ClientRefused(
      `${withoutSecrets(url)} answered with status ${String(status)}: it does not let the client "${clientId}" ask`,
      { status },
    )

  return {
    place: () => (latest === undefined ? `the introspection endpoint of ${issuer}` : withoutSecrets(latest)),
    find,
    async call(token, { signal, pauses }) {
      const url = await find(signal, pauses)
      const { status, mediaType, body } = await exchange(url, token, signal)
      if (mediaType.toLowerCase() === SIGNED) {
        const jwt = Buffer.from(body).toString('latin1')
        return readAnswer(await readSignedAnswer(jwt, { settings, keys, clientId, now: secondsOf(clock) }))
      }
      const members = readMembers(body, url)
      if (status === 400) {
        if (CLIENT_ERRORS.includes(String(ownMember(members, 'error')))) throw refusal(url, status)
        throw new FetchError(`${withoutSecrets(url)} answered with status 400`, { status })
      }
      if (signedResponse !== undefined) throw new FetchError(`${withoutSecrets(url)} answered unsigned`)
      return readAnswer(members)
    },
  }
}

function isAboutClient(status: number | undefined): status is 401 | 403 {
  return status === 401 || status === 403
}

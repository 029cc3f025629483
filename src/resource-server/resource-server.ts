import type { Authenticator } from '../authenticator.js'
import type { ProofRequest } from '../binding/explain-proof.js'
import { ConfigurationError, type AuthError, type UnavailableError } from '../errors.js'
import { createEndings } from './endings.js'
import { checkPolicy } from '../policy/check-policy.js'
import type { Policy } from '../policy/decision.js'
import { isWebRequest, type NodeRequest, type WebRequest } from '../request/incoming-request.js'
import type { Auth } from '../tokens/auth.js'
import type { TokenReport } from '../tokens/explain-token.js'
import { createNotes } from '../lib/notes.js'
import type { VerifiedToken } from '../tokens/verify-token.js'

/** A request as it came: an `IncomingMessage` of Node's, whatever has been put on it since, or a `Request` of the web. */
export type HttpRequest = (NodeRequest & { readonly rawHeaders: readonly string[] }) | WebRequest

/**
 * A resource server, whatever stands around it: requests and tokens in, what they say and what they may do out.
 *
 * @typeParam Claims - What the schema in the option `claims` makes of the claims.
 */
export interface ResourceServer<Claims = Auth['claims']> {
  /**
   * Judges the access token of a request, and returns what it says.
   *
   * This does NOT decide what the token may do: see `authorize`. It reads the `Authorization` header and nothing else.
   *
   * @throws {AuthError} When there is none, or a bad one.
   * @throws {UnavailableError} When it cannot be told.
   */
  readonly authenticate: (request: HttpRequest) => Promise<Auth<Claims>>
  /** The same, but `undefined` for a request without credentials. What is presented must be good all the same. */
  readonly authenticateIfPresented: (request: HttpRequest) => Promise<Auth<Claims> | undefined>
  /**
   * Asks a policy whether a token suffices for a request: returns the error to refuse it with, or `undefined`. Without a token
   * that is a 401.
   *
   * What a policy throws is thrown on, but for an UnavailableError, which is returned.
   *
   * @param auth - What `authenticate` or `verifyToken` of this server returned.
   * @param request - What the policy sees. It need not be the request that brought the token.
   */
  readonly authorize: <Asked extends HttpRequest>(
    auth: Auth<unknown> | undefined,
    policy: Policy<Claims, NoInfer<Asked>>,
    request: Asked,
  ) => Promise<AuthError | UnavailableError | undefined>
  /**
   * Calls back when a token has expired or was taken back, for what outlives its request: a WebSocket, a stream. One timer, which keeps no
   * process alive, serves them all; the time is that of the option `clock`, looked at twice a minute at least.
   *
   * It goes by `exp`, and by what the option `revocation` hears of: without that option, nothing is taken back. What a callback throws, or rejects with, is
   * a warning of the process, and the others are called all the same.
   *
   * @returns What cancels it: call it when the connection ends, or it is held until the token expires.
   */
  readonly onExpiry: (auth: Auth<unknown>, callback: () => void, options?: OnExpiryOptions) => () => void
  /**
   * Judges a token that came some other way than in a request, over a WebSocket say.
   *
   * @throws {AuthError} When it is bad.
   * @throws {UnavailableError} When it cannot be told.
   */
  verifyToken(token: string): Promise<Auth<Claims>>
  /**
   * Reports on a token, check by check, for whoever has to find out why it is refused. It never throws for a bad token, and
   * runs the same checks as a request, but all of them. The report may name claims: it is for operators, not for callers.
   *
   * @param request - For a token of the scheme DPoP: the proof, the method and the URL that it came with.
   */
  explainToken(token: string, request?: ProofRequest): Promise<TokenReport>
  /**
   * Fetches the keys of every listed issuer that has none yet: for a readiness probe. Rejects while they cannot be had. An
   * issuer of opaque tokens that publishes none is ready when it is known where to ask.
   */
  ready(): Promise<void>
  /** Ends fetches that are under way, and takes back every `onExpiry`. Nothing else keeps the process alive. */
  close(): void
}

/** How long after it has expired a token is out of time. */
export interface OnExpiryOptions {
  /** In seconds, 0 to 3600. Default: 0. */
  readonly graceSeconds?: number | undefined
}

const MAX_GRACE_SECONDS = 3600

/**
 * Makes the object that users hold of an authenticator.
 *
 * @param find - Finds a token that was verified some other way than by this object, by what it says and its request.
 */
export function resourceServerOf(
  authenticator: Authenticator,
  find: (auth: object, request: HttpRequest) => VerifiedToken | undefined = () => undefined,
): ResourceServer {
  const known = createNotes<VerifiedToken>()
  const remember = (verified: VerifiedToken): Auth => {
    known.set(verified.auth, verified)
    return verified.auth
  }
  const endings = createEndings(authenticator)
  return {
    async authenticate(request) {
      checkRequest(request, 'authenticate')
      return remember(await authenticator.authenticate(request))
    },
    async authenticateIfPresented(request) {
      checkRequest(request, 'authenticateIfPresented')
      const verified = await authenticator.authenticateIfPresented(request)
      return verified && remember(verified)
    },
    async authorize(auth, policy, request) {
      checkPolicy(policy, 'authorize')
      checkRequest(request, 'authorize')
      const verified = auth && (known.get(auth) ?? find(auth, request))
      if (auth !== undefined && verified === undefined) {
        throw new ConfigurationError(
          'authorize() takes what authenticate() or verifyToken() of the same resource server returned, or undefined.',
        )
      }
      return authenticator.authorize(verified, policy, request)
    },
    onExpiry(auth, callback, { graceSeconds = 0 } = {}) {
      checkExpiry(auth, callback, graceSeconds)
      return endings.add(auth, { callback, graceSeconds })
    },
    verifyToken: (token) => authenticator.verifyToken(token).then(remember),
    explainToken: (token, request) => authenticator.explainToken(token, request),
    ready: () => authenticator.ready(),
    close() {
      endings.clear()
      authenticator.close()
    },
  }
}

/** Of another object it cannot be told whether `Authorization` came once: a framework's own has the request in `raw`. */
function checkRequest(request: unknown, name: string): asserts request is HttpRequest {
  if (typeof request === 'object' && request !== null && 'headers' in request) {
    const { headers } = request
    const rawHeaders: unknown = Reflect.get(request, 'rawHeaders')
    // Headers are looked at where they are read.
    if (typeof headers === 'object' && headers !== null) {
      if (Array.isArray(rawHeaders) || isWebRequest(request as NodeRequest)) return
    }
  }
  throw new ConfigurationError(
    `${name}() takes a request as it came, an IncomingMessage of Node's or a Request of the web: frameworks have it as request.raw, c.req.raw or ctx.req.`,
  )
}

function checkExpiry(auth: unknown, callback: unknown, graceSeconds: unknown): void {
  const expiresAt: unknown = typeof auth === 'object' && auth !== null ? Reflect.get(auth, 'expiresAt') : undefined
  if (!Number.isFinite(expiresAt) || typeof callback !== 'function') {
    throw new ConfigurationError('onExpiry() takes what authenticate() or verifyToken() returned, and a function.')
  }
  if (typeof graceSeconds !== 'number' || !(graceSeconds >= 0 && graceSeconds <= MAX_GRACE_SECONDS)) {
    throw new ConfigurationError('onExpiry() takes "graceSeconds" as a number of seconds from 0 to 3600.')
  }
}

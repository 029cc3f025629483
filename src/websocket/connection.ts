import type { IncomingMessage } from 'node:http'
import type { AuthError, UnavailableError } from '../errors.js'
import { allOf } from '../policy/combine.js'
import { definePolicy, deny, type Policy } from '../policy/decision.js'
import type { OnExpiryOptions, ResourceServer } from '../resource-server/resource-server.js'
import type { Auth } from '../tokens/auth.js'
import { holdToken } from './hold-token.js'
import { presentInstead } from './presented-request.js'
import { sameHolder } from './same-holder.js'

/** A connection that was let in, for as long as its token is good. */
export interface GuardedConnection<Claims = Auth['claims']> {
  /** What its token says: that of the last renewal. */
  readonly auth: Auth<Claims>
  /**
   * Asks a policy about the token, for a message say: returns the error, or `undefined` where it is granted. The times of the
   * token are judged each time, and after the end nothing is granted.
   */
  readonly authorize: (policy: Policy<Claims, IncomingMessage>) => Promise<AuthError | UnavailableError | undefined>
  /**
   * Puts a fresh token in place of the one that is held: of the same issuer, subject, client and key, and good enough to connect
   * with. Where it is none, the old one stays, with its end. After the end there is none.
   *
   * @throws {AuthError} When it is bad, of somebody else, or does not suffice.
   * @throws {UnavailableError} When it cannot be told.
   */
  readonly renew: (token: string) => Promise<Auth<Claims>>
}

/** What a connection was let in for. */
export interface Admission<Claims> {
  readonly auth: Auth<Claims>
  readonly request: IncomingMessage
}

interface Keeping<Claims> extends OnExpiryOptions {
  readonly server: Pick<ResourceServer<Claims>, 'authenticate' | 'authorize' | 'onExpiry'>
  readonly policy: Policy<Claims, IncomingMessage>
  /** Ends the connection. */
  readonly end: () => void
}

/** Keeps a connection for as long as its token is good. */
export function keepConnection<Claims>(
  admission: Admission<Claims>,
  { server, policy, end, graceSeconds }: Keeping<Claims>,
): GuardedConnection<Claims> & { readonly release: () => void } {
  const { request } = admission
  let { auth } = admission
  let isReleased = false
  let isEnded = false
  const hold = (): (() => void) =>
    holdToken(server, {
      auth,
      graceSeconds,
      end() {
        isEnded = true
        end()
      },
    })
  let letGo = hold()
  return {
    get auth() {
      return auth
    },
    authorize: (asked) => server.authorize(auth, isEnded ? nothing : asked, request),
    async renew(token) {
      const presented = presentInstead(request, token)
      const fresh = await server.authenticate(presented)
      let refusal = await server.authorize(fresh, allOf<Claims, IncomingMessage>(sameHolder(auth), policy), presented)
      // It may have ended while it was judged.
      if (isEnded) refusal ??= await server.authorize(fresh, nothing, presented)
      if (refusal !== undefined) throw refusal
      letGo()
      auth = fresh
      if (!isReleased) letGo = hold()
      return fresh
    },
    release() {
      isReleased = true
      letGo()
    },
  }
}

/** What may be done over a connection that has ended. */
const nothing = definePolicy<unknown, unknown>({ description: 'a connection that lasts' }, () => ended)
const ended = deny('the connection has ended, with the token that it was held for')

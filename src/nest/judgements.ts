import type { Auth } from '../tokens/auth.js'
import { AuthError, UnavailableError } from '../errors.js'
import type { HttpRequest, ResourceServer } from '../resource-server/resource-server.js'

/** What a server has found out about a request. */
export interface Judgement {
  /** What the token says, once it was judged. */
  readonly auth: Auth | undefined
  /** Judges the token once, however many ask: a proof of possession is good for one time. */
  readonly authenticate: () => Promise<Auth>
  /** The same, but `undefined` for a request without credentials. */
  readonly authenticateIfPresented: () => Promise<Auth | undefined>
  /** Whether it was let in without any. */
  readonly isAnonymous: boolean
  /** The handler before which it was let in. */
  granted: object | undefined
}

/** By the request, whose they are. */
const judgements = new WeakMap<HttpRequest, Judgement & { readonly server: ResourceServer }>()

export function judgementFor(request: HttpRequest, server: ResourceServer): Judgement {
  const known = judgements.get(request)
  if (known?.server === server) return known
  let auth: Auth | undefined
  let isAnonymous = false
  let pending: Promise<Auth | undefined> | undefined
  const once = async (judge: ResourceServer['authenticateIfPresented']): Promise<Auth | undefined> => {
    try {
      return (auth = await judge(request))
    } catch (error) {
      // What could not be told may be asked again.
      if (error instanceof UnavailableError) pending = undefined
      throw error
    }
  }
  const judgement = {
    server,
    get auth() {
      return auth
    },
    get isAnonymous() {
      return isAnonymous
    },
    async authenticate() {
      // Where it was optional before there was none: here that is a refusal.
      return (await (pending ??= once(server.authenticate))) ?? server.authenticate(request)
    },
    async authenticateIfPresented() {
      try {
        const found = await (pending ??= once(server.authenticateIfPresented))
        isAnonymous ||= found === undefined
        return found
      } catch (error) {
        // Another handler of this request needed one.
        if (!(error instanceof AuthError) || error.code !== 'missing_token') throw error
        isAnonymous = true
        return undefined
      }
    },
    granted: undefined,
  }
  judgements.set(request, judgement)
  return judgement
}

export function findJudgement(request: HttpRequest): Judgement | undefined {
  return judgements.get(request)
}

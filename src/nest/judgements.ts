import type { Auth } from '../tokens/auth.js'
import { UnavailableError } from '../errors.js'
import type { HttpRequest, ResourceServer } from '../resource-server/resource-server.js'

/** What a server has found out about a request. */
export interface Judgement {
  /** What the token says, once it was judged. */
  readonly auth: Auth | undefined
  /** Judges the token once, however many ask: a proof of possession is good for one time. */
  readonly authenticate: () => Promise<Auth>
  /** The handler before which it was let in. */
  granted: object | undefined
}

/** By the request, whose they are. */
const judgements = new WeakMap<HttpRequest, Judgement & { readonly server: ResourceServer }>()

export function judgementFor(request: HttpRequest, server: ResourceServer): Judgement {
  const known = judgements.get(request)
  if (known?.server === server) return known
  let auth: Auth | undefined
  let pending: Promise<Auth> | undefined
  const authenticate = async (): Promise<Auth> => {
    try {
      return (auth = await server.authenticate(request))
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
    authenticate: () => (pending ??= authenticate()),
    granted: undefined,
  }
  judgements.set(request, judgement)
  return judgement
}

export function findAuth(request: HttpRequest): Auth | undefined {
  return judgements.get(request)?.auth
}

import { Adding } from '../lib/adding.js'

/** What is taken of a request: it, and the list that Node makes for it alone. */
interface Keyed {
  readonly rawHeaders?: readonly string[] | undefined
}

/** Remembers one value for a request, for as long as there is the request, and where nobody else can get at it. */
export interface RequestTable<Request extends Keyed, Value> {
  get(request: Request): Value | undefined
  set(request: Request, value: Value): void
}

/**
 * Creates a table that does what a WeakMap of requests does, at a fraction of what that costs the garbage collector when
 * every request is in it, and dies at once.
 *
 * The value stands in a private field of the request's own `rawHeaders`. (Not of the request: Express gives every request a
 * hidden class of its own, so that a field added there is dear.) A request without such a list, or with one that serves
 * another request already, as it does for a copy of that, has its value in a WeakMap.
 */
export function createRequestTable<Request extends Keyed, Value>(): RequestTable<Request, Value> {
  class Entry extends Adding {
    readonly #request: Request
    #value: Value

    private constructor(list: object, request: Request, value: Value) {
      super(list)
      this.#request = request
      this.#value = value
    }

    static get(list: object, request: Request): Value | undefined {
      return #request in list && list.#request === request ? list.#value : undefined
    }

    /** Tells whether there was room. */
    static set(list: object, request: Request, value: Value): boolean {
      if (!(#request in list)) {
        if (!Object.isExtensible(list)) return false
        new Entry(list, request, value)
        return true
      }
      if (list.#request !== request) return false
      list.#value = value
      return true
    }
  }
  const others = new WeakMap<Request, Value>()

  return {
    get: (request) => (request.rawHeaders && Entry.get(request.rawHeaders, request)) ?? others.get(request),
    set(request, value) {
      if (request.rawHeaders === undefined || !Entry.set(request.rawHeaders, request, value)) others.set(request, value)
    },
  }
}

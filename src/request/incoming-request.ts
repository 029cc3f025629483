/** The fields that are read of a request. */
type FieldName = 'authorization' | 'dpop' | 'access-control-request-method'

/** What is read of a request of Node's: `IncomingMessage` is one, and so is an Express request. */
export interface NodeRequest {
  /** Field names and values in turn, as they came: Node keeps only the first of several `Authorization` fields elsewhere. */
  readonly rawHeaders?: readonly string[] | undefined
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Of Express: the target as it came, where routers take off `url` what they are mounted at. */
  readonly originalUrl?: string | undefined
  /** The connection that it came over; a TLS one tells the certificate of its client. */
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined
  readonly headers: {
    readonly authorization?: string | undefined
    readonly 'access-control-request-method'?: string | undefined
    /** A field that Node does not know: it joins several, and others that make requests may keep a list. */
    readonly dpop?: string | readonly string[] | undefined
  }
}

/** What is read of a `Request` of the web. Its `Headers` join a field that came more than once with commas. */
export interface WebRequest {
  readonly rawHeaders?: undefined
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: { get(name: string): string | null }
}

/** What is read of a request. */
export type IncomingRequest = NodeRequest | WebRequest

/** Tells the two apart: a field that is named `get` is a text. */
export function isWebRequest(request: IncomingRequest): request is WebRequest {
  return typeof (request.headers as Partial<WebRequest['headers']>).get === 'function' // whichever it is
}

/** Reads a field of a request. */
export function readField<Name extends FieldName>(request: IncomingRequest, name: Name): NodeRequest['headers'][Name] {
  return isWebRequest(request) ? (request.headers.get(name) ?? undefined) : request.headers[name]
}

/** Reads a field by a configured name, in lower case: whatever it is. */
export function readHeader({ headers }: NodeRequest, name: string): unknown {
  return Object.hasOwn(headers, name) ? Reflect.get(headers, name) : undefined
}

/** Tells whether a field came in more than one line of a request, where that can still be told. */
export function isRepeated({ rawHeaders = [] }: IncomingRequest, name: string): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const written = rawHeaders[i]
    if (written?.length === name.length && written.toLowerCase() === name) count++
  }
  return count > 1
}

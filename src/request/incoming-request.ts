/** The fields that are read of a request. */
type FieldName = 'authorization' | 'access-control-request-method'

/** What is read of a request of Node's: `IncomingMessage` is one, and so is an Express request. */
export interface NodeRequest {
  /** Field names and values in turn, as they came: Node keeps only the first of several `Authorization` fields elsewhere. */
  readonly rawHeaders?: readonly string[] | undefined
  readonly method?: string | undefined
  readonly headers: Readonly<Partial<Record<FieldName, string | undefined>>>
}

/** What is read of a `Request` of the web. Its `Headers` join a field that came more than once with commas. */
export interface WebRequest {
  readonly rawHeaders?: undefined
  readonly method: string
  readonly headers: { get(name: string): string | null }
}

/** What is read of a request. */
export type IncomingRequest = NodeRequest | WebRequest

/** Tells the two apart: a field that is named `get` is a text. */
export function isWebRequest(request: IncomingRequest): request is WebRequest {
  return typeof (request.headers as Partial<WebRequest['headers']>).get === 'function' // whichever it is
}

/** Reads a field of a request. */
export function readField(request: IncomingRequest, name: FieldName): string | undefined {
  return isWebRequest(request) ? (request.headers.get(name) ?? undefined) : request.headers[name]
}

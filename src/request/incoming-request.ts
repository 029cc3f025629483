/** What is read of a request. Node's `IncomingMessage` is one, and so is an Express request. */
export interface IncomingRequest {
  /** Field names and values in turn, as they came: Node keeps only the first of several `Authorization` fields elsewhere. */
  readonly rawHeaders?: readonly string[] | undefined
  readonly method?: string | undefined
  readonly headers: {
    readonly authorization?: string | undefined
    readonly 'access-control-request-method'?: string | undefined
  }
}

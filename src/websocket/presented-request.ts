import type { IncomingMessage } from 'node:http'

/**
 * Makes of a request one that presents tokens in `Authorization` as well, each in a field of its own, for those that came some
 * other way: the rules are then those of any request, and more than one token is refused as there.
 *
 * The request itself stays as it is.
 */
export function presentTokens(request: IncomingMessage, tokens: readonly string[]): IncomingMessage {
  if (tokens.length === 0) return request
  const fields = tokens.map((token) => `Bearer ${token}`)
  return derive(request, { ...request.headers, authorization: request.headers.authorization ?? fields[0] }, [
    ...request.rawHeaders,
    ...fields.flatMap((field) => ['Authorization', field]),
  ])
}

/** Makes of a request one that presents this token, and not the one that it came with. */
export function presentInstead(request: IncomingMessage, token: string): IncomingMessage {
  const { rawHeaders } = request
  const others = rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'authorization')
  const field = `Bearer ${token}`
  return derive(request, { ...request.headers, authorization: field }, [...others, 'Authorization', field])
}

function derive(
  request: IncomingMessage,
  headers: IncomingMessage['headers'],
  rawHeaders: readonly string[],
): IncomingMessage {
  const properties = { headers: { value: headers }, rawHeaders: { value: rawHeaders } }
  return Object.create(request, properties) as IncomingMessage // it is one in all else
}

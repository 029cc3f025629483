import type { IncomingMessage } from 'node:http'

const PREFIX = 'bearer.'

/**
 * Takes the tokens out of the protocols that a request offers: whoever negotiates and whoever logs after this does not see them,
 * and none can be sent back as the one selected.
 *
 * It changes the request, as nothing else does, since it is the application's and the token must not be.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6455#section-11.3.4 | RFC 6455 §11.3.4}: the field may come more than once
 */
export function takeTokens(request: IncomingMessage): readonly string[] {
  const offered = request.headers['sec-websocket-protocol']
  if (offered?.toLowerCase().includes(PREFIX) !== true) return []
  const protocols = offered.split(',').map((protocol) => protocol.trim())
  const others = protocols.filter((protocol) => !isToken(protocol)).join(', ')
  const kept: string[] = []
  for (const [index, name] of request.rawHeaders.entries()) {
    if (index % 2 === 0 && name.toLowerCase() !== 'sec-websocket-protocol')
      kept.push(name, request.rawHeaders[index + 1] ?? '')
  }
  if (others === '') delete request.headers['sec-websocket-protocol']
  else {
    request.headers['sec-websocket-protocol'] = others
    kept.push('Sec-WebSocket-Protocol', others)
  }
  request.rawHeaders = kept
  return protocols.filter(isToken).map((protocol) => protocol.slice(PREFIX.length))
}

function isToken(protocol: string): boolean {
  return protocol.slice(0, PREFIX.length).toLowerCase() === PREFIX
}

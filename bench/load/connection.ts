import { connect } from 'node:net'

/** One keep-alive connection with one request on its way at most: pipelining is not what clients of an API do. */
export interface Connection {
  /** Sends the bytes of a whole request. */
  send(request: Uint8Array): void
  close(): void
}

interface Answered {
  /** Called when a whole response has arrived. */
  readonly onResponse: (status: number) => void
  readonly onFailure: (error: Error) => void
}

const HEAD_END = '\r\n\r\n'
const LENGTH_FIELD = 'Content-Length: '
const BUFFER_BYTES = 16 * 1024

/**
 * Connects to this machine.
 *
 * It reads just as much HTTP as Express' answers need: a status, a Content-Length, a body. Anything else is a failure.
 */
export function openConnection(port: number, { onResponse, onFailure }: Answered): Connection {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let earlier: Buffer | undefined
  let closed = false
  const receive = (bytes: number): boolean => {
    const chunk = buffer.subarray(0, bytes)
    const received = earlier === undefined ? chunk : Buffer.concat([earlier, chunk])
    const length = lengthOf(received)
    if (length === undefined || received.length < length) {
      earlier = Buffer.from(received)
      return true
    }
    earlier = undefined
    if (received.length > length) fail(new Error('More came than one response.'))
    // "HTTP/1.1 200": three digits from the tenth byte on.
    else onResponse(Number(received.toString('latin1', 9, 12)))
    return true
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback: receive } })
  const fail = (error: Error): void => {
    if (closed) return
    closed = true
    socket.destroy()
    onFailure(error)
  }
  socket.on('error', fail)
  socket.on('close', () => {
    fail(new Error('The server closed the connection.'))
  })
  return {
    send: (request) => {
      socket.write(request)
    },
    close: () => {
      closed = true
      socket.destroy()
    },
  }
}

/** The length of the response that begins here, in bytes; undefined as long as its head is not complete. */
function lengthOf(received: Buffer): number | undefined {
  const headEnd = received.indexOf(HEAD_END, 0, 'latin1')
  if (headEnd < 0) return undefined
  const field = received.indexOf(LENGTH_FIELD, 0, 'latin1')
  if (field < 0 || field > headEnd) throw new Error('A response without Content-Length.')
  const from = field + LENGTH_FIELD.length
  const body = Number(received.toString('latin1', from, received.indexOf('\r', from, 'latin1')))
  return headEnd + HEAD_END.length + body
}

import { connect, type Socket } from 'node:net'

/** A peer that has a WebSocket and answers no close frame: it says what it likes, for as long as the other side reads. */
export interface HostilePeer {
  readonly wire: Socket
  /** Sends a frame: by default a text, whole. */
  readonly say: (payload: string, opcode?: number, isLast?: boolean) => void
  /** Resolves with the code that it is told to close with. */
  readonly toldToClose: Promise<number>
}

/** Opens a WebSocket by hand. */
export async function knock(port: number, fields: string, path = '/'): Promise<HostilePeer> {
  const wire = connect(port, '127.0.0.1')
  wire.on('error', () => undefined)
  wire.write(
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${fields}\r\n`,
  )
  let seen = Buffer.alloc(0)
  let isOpen: () => void
  let isTold: (code: number) => void
  const opened = new Promise<void>((resolve) => (isOpen = resolve))
  const toldToClose = new Promise<number>((resolve) => (isTold = resolve))
  wire.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    if (seen.includes('\r\n\r\n')) isOpen()
    // The frame of closing, 0x88, is the last that a server sends: its length, its code, and why.
    const at = seen.lastIndexOf(0x88)
    if (at > 0 && at + 2 + (seen[at + 1] ?? 0) === seen.length) {
      isTold(seen.length > at + 3 ? seen.readUInt16BE(at + 2) : 1005)
    }
  })
  await opened
  return {
    wire,
    toldToClose,
    say(payload, opcode = 1, isLast = true) {
      const bytes = Buffer.from(payload)
      const length = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 0xff]
      // The mask is nought, so that the payload stands there as it is.
      wire.write(Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, ...length, 0, 0, 0, 0]), bytes]))
    },
  }
}

/** What came in, once all that was sent before has been read. */
export async function readBy(inside: Socket, send: () => void): Promise<void> {
  const read = new Promise((resolve) => inside.once('data', resolve))
  send()
  await read
}

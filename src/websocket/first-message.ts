import { plainCodes } from './close-codes.js'
import { endSocket } from './end-socket.js'
import type { Socket } from './hosts.js'

const DEADLINE_SECONDS = 5
const MAX_BYTES = 64 * 1024

/** Waits for the first message of a WebSocket; closes it, and answers `undefined`, where none comes in time or it is no text. */
export function readFirstMessage(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const settle = (message: string | undefined): void => {
      clearTimeout(deadline)
      socket.off('message', read)
      resolve(message)
    }
    const refuse = (): void => {
      endSocket(socket, plainCodes.unauthorized, 'The first message brought no token.')
      settle(undefined)
    }
    const read = (data: unknown, isBinary: boolean): void => {
      if (isBinary || !Buffer.isBuffer(data) || data.length > MAX_BYTES) refuse()
      else settle(data.toString())
    }
    const deadline = setTimeout(refuse, DEADLINE_SECONDS * 1000).unref()
    socket.once('message', read)
    socket.once('close', () => {
      settle(undefined)
    })
  })
}

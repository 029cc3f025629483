import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { answerUpgrade } from './answer-upgrade.js'
import { plainCodes } from './close-codes.js'
import type { Admission } from './connection.js'
import type { Door } from './door.js'
import type { SocketServer } from './hosts.js'
import { toRefusal } from './to-refusal.js'

/** Makes a listener for `upgrade` of a Node server, before a server of ws. */
export function guardUpgrades<Claims>(
  door: Door<Claims>,
  sockets: SocketServer,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    // The peer may break off while its token is judged.
    const giveUp = (): void => {
      socket.destroy()
    }
    socket.on('error', giveUp)
    const letIn = (admission: Admission<Claims>): void => {
      if (socket.destroyed || !socket.readable || !socket.writable) {
        socket.destroy()
        return
      }
      sockets.handleUpgrade(request, socket, head, (open) => {
        socket.off('error', giveUp)
        open.on('error', () => {
          open.terminate()
        })
        door.keepSocket(open, admission, plainCodes)
        sockets.emit('connection', open, request)
      })
    }
    void door.judgeUpgrade(request).then(letIn, (error: unknown) => {
      answerUpgrade(request, socket, toRefusal(error))
    })
  }
}

import type { Server } from 'node:net'

/**
 * Listens on loopback and answers the port.
 *
 * @param port - 0 for any free one.
 * @param advice - What to do when the port is taken, for the error message.
 */
export function listen(server: Server, { port, advice }: { port: number; advice: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`Port ${String(port)} cannot be used (${cause.message}): ${advice}.`, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

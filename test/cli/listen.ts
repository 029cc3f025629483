import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const servers: Server[] = []

/** Ends what was started: for `afterAll`. */
export function stopListening(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
}

/** Serves what is made for an origin, which it answers with. */
export async function listen(handle: (origin: string) => RequestListener): Promise<string> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` // it listens on a port
  server.on('request', handle(origin))
  return origin
}

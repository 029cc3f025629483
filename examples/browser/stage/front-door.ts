import { createServer, type RequestListener, type Server } from 'node:http'
import { roleOf, type Role } from './addresses.js'

/** One port for everybody: the name that the browser asked for decides who answers. */
export function createFrontDoor(roles: ReadonlyMap<Role, RequestListener>): Server {
  return createServer((req, res) => {
    const role = roleOf(req.headers.host)
    const answer = role === undefined ? undefined : roles.get(role)
    // 421 Misdirected Request (RFC 9110 §15.5.20): nobody of that name lives here.
    if (answer === undefined) res.writeHead(421).end()
    else answer(req, res)
  })
}

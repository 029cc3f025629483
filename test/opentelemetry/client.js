// Sends one request after the other over some connections, until it is ended: a process of its own, so that it costs the server nothing.
import { connect } from 'node:net'
import process from 'node:process'

const [port, authorization] = process.argv.slice(2)
const request = `GET /orders HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`
for (let i = 0; i < 8; i++) {
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(request))
  socket.on('data', () => socket.write(request))
  socket.on('error', () => process.exit(0))
}

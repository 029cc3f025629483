// The issuer's key sets over HTTP, in a process of its own, so that serving them is nobody's cost.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from './measured/answer.js'
import { algorithms, keySetOf, publicJwk, signingKey } from './tokens/keys.js'

const sets = new Map<string, string>()
for (const algorithm of algorithms) sets.set(algorithm, JSON.stringify({ keys: [publicJwk(signingKey(algorithm))] }))

const server = createServer((req, res) => {
  const name = req.url?.split('/', 2)[1] ?? ''
  const set = sets.get(name)
  res.writeHead(set === undefined ? 404 : 200, { 'content-type': 'application/json', 'cache-control': 'max-age=3600' })
  res.end(set)
})
server.listen(0, '127.0.0.1', () => {
  answer({
    // A server that listens on an address has one of this kind.
    port: () => (server.address() as AddressInfo).port,
    /** Publishes a set of that many keys. */
    publish({ size }: { size: number }): void {
      sets.set(`keys-${String(size)}`, JSON.stringify({ keys: keySetOf(size) }))
    },
  })
})

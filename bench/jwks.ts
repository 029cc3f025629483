// The issuer's key sets over HTTP, and what it says of opaque tokens, in a process of its own, so that serving them is nobody's cost.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from './measured/answer.js'
import { algorithms, keySetOf, publicJwk, signingKey } from './tokens/keys.js'
import { claimsOf } from './tokens/mint.js'

const sets = new Map<string, string>()
for (const algorithm of algorithms) sets.set(algorithm, JSON.stringify({ keys: [publicJwk(signingKey(algorithm))] }))
/** What the issuer says of any token (RFC 7662). */
sets.set('introspection', JSON.stringify({ ...claimsOf(0, Math.floor(Date.now() / 1000)), active: true }))

/** What each set's issuer says of itself (OpenID Connect Discovery). */
function metadataOf(name: string, host = ''): string {
  const issuer = `http://${host}/${name}`
  return JSON.stringify({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` })
}

const server = createServer((req, res) => {
  const name = req.url?.split('/', 2)[1] ?? ''
  const set = req.url?.endsWith('/openid-configuration') === true ? metadataOf(name, req.headers.host) : sets.get(name)
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

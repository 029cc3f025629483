const { createHmac, createSign, generateKeyPairSync, randomUUID } = require('node:crypto')
const { createConnection } = require('node:net')

const ISSUER = 'https://issuer.example.com'
const AUDIENCE = 'https://api.example.com'

/** A key of an issuer, and tokens that it signs: made here, with nothing of the package. */
function createKey(kid = randomUUID()) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
  const sign = (header, claims) => {
    const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`
  }
  return { kid, jwk, sign }
}

const shared = createKey('key-1')

/** An app on loopback, an issuer behind an injected fetch, and a clock that is moved. */
function createWorld(express) {
  const servers = []
  const world = {
    express,
    ISSUER,
    AUDIENCE,
    createKey,
    time: Date.now(),
    keys: [shared],
    fetches: 0,
    fetch: async (url, { signal }) => {
      world.fetches++
      await world.onFetch?.(url, signal)
      const { origin, pathname } = new URL(url)
      if (pathname.endsWith('/.well-known/openid-configuration')) {
        const issuer = url.slice(0, -'/.well-known/openid-configuration'.length)
        return Response.json({ issuer, jwks_uri: `${origin}/jwks` })
      }
      return Response.json({ keys: world.keys.map(({ jwk }) => jwk) })
    },
    clock: () => world.time,
    get now() {
      return Math.floor(world.time / 1000)
    },
    get options() {
      return { issuer: ISSUER, audience: AUDIENCE, fetch: world.fetch, clock: world.clock }
    },
    claims: (changes = {}) => ({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'user-1',
      client_id: 'client-1',
      iat: world.now,
      exp: world.now + 300,
      jti: randomUUID(),
      scope: 'orders:read',
      ...changes,
    }),
    /** A good token, but for the changes; `undefined` takes a member out. */
    token: (changes, header = {}, key = world.keys[0]) =>
      key.sign({ alg: 'RS256', kid: key.kid, typ: 'at+jwt', ...header }, world.claims(changes)),
    /** The same without the mark of RFC 9068. */
    plain: (changes, header) => world.token(changes, { typ: 'JWT', ...header }),
    forged: (changes, header) => {
      const token = world.token(changes, header)
      return `${token.slice(0, -8)}AAAAAAAA`
    },
    listen: (app) =>
      new Promise((resolve) => {
        const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
        servers.push(server)
      }),
    close() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
  return world
}

/** Sends a request target as it stands, and reads the status and the body. */
function ask(port, target, { method = 'GET', token, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const fields = { host: 'api.example.com', connection: 'close', ...headers }
    if (token !== undefined) fields.authorization = `Bearer ${token}`
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = createConnection(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (text) => (answer += text))
    socket.on('error', reject)
    socket.on('end', () => resolve(readAnswer(answer)))
    socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'))
  })
}

function readAnswer(text) {
  const [head, ...body] = text.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head, body: body.join('\r\n\r\n') }
}

function statusOf(port, target, options) {
  return ask(port, target, options).then(({ status }) => status)
}

function hmacToken(secret, header, claims) {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

module.exports = { createWorld, ask, statusOf, hmacToken }

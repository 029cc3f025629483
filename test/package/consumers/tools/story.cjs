// The same story for every way of loading the package: it gets the modules as they were loaded.
const assert = require('node:assert/strict')
const { once } = require('node:events')

const orders = async ({ express, library, routes, testing }) => {
  const issuer = await testing.createTestIssuer()
  const app = express()
  routes.trackRoutes(app)
  // The limit is loaded when it is set: wherever people are.
  app.use(library.requireAuth({ ...issuer.options, failedAuthLimit: { limit: 100, validate: false } }))
  app.get('/orders', library.requireScope('orders:read'), (req, res) => {
    res.json({ for: library.getAuth(req).subject })
  })
  testing.expectProtected(app)
  return { app, issuer }
}

/** Asks for orders with an access token, an ID token, a token that lacks a scope, and none. */
const judge = async (issuer, ask) => {
  const tokens = [
    await issuer.accessToken({ scope: 'orders:read' }),
    await issuer.idToken({ aud: issuer.audience }),
    await issuer.accessToken({ scope: 'orders:write' }),
    undefined,
  ]
  const answers = []
  for (const token of tokens) {
    const { status, body, challenge } = await ask(token === undefined ? undefined : `Bearer ${token}`)
    answers.push([status, body.for ?? body.code, challenge?.split(',', 1)[0]].join(' '))
  }
  // As texts: a test runner may have objects of several realms.
  assert.equal(
    answers.join('; '),
    '200 user-1 ; 401 id_token_presented Bearer realm="api"; 403 insufficient_scope Bearer realm="api"; 401 missing_token Bearer realm="api"',
  )
}

/** Tells the whole story, over a socket. */
const tell = async (modules) => {
  const { app, issuer } = await orders(modules)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ask = async (authorization) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/orders`, {
      headers: authorization === undefined ? {} : { authorization },
    })
    return {
      status: response.status,
      body: await response.json(),
      challenge: response.headers.get('www-authenticate'),
    }
  }
  try {
    await judge(issuer, ask)
  } finally {
    server.close()
    server.closeAllConnections()
  }
  return 'the story is true'
}

module.exports = { orders, judge, tell }

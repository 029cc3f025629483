const express = require('express')
const { getAuth, requireAuth, requireScope } = require('express-resource-server')
const { createTestIssuer } = require('express-resource-server/testing')

async function main() {
  const issuer = await createTestIssuer()
  const app = express()
  app.use(requireAuth(issuer.options))
  app.get('/orders', requireScope('orders:read'), (req, res) => {
    res.json({ for: getAuth(req).subject, scopes: req.auth.scopes })
  })

  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const ask = async (token) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/orders`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return { status: response.status, body: await response.json() }
  }
  console.log(
    JSON.stringify({
      nodeVersion: process.version,
      accessToken: await ask(await issuer.accessToken({ scope: 'orders:read' })),
      idToken: await ask(await issuer.idToken({ aud: issuer.audience })),
      lesserToken: await ask(await issuer.accessToken({ scope: 'orders:write' })),
    }),
  )
  server.close()
  server.closeAllConnections()
}

main()

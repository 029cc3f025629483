// Asks a recipe of docs/core.md five things, and prints what it answered.
import { once } from 'node:events'
import { createTestIssuer } from 'express-resource-server/testing'

const [name] = process.argv.slice(2)
const overNetwork = globalThis.fetch
const issuer = await createTestIssuer()
process.env.OAUTH_ISSUER = issuer.issuer
process.env.OAUTH_AUDIENCE = issuer.audience
globalThis.fetch = (url, init) => issuer.options.fetch(String(url), init)

const recipe = await import(`./out/${name}.js`)

/** How a request is sent to each: a `Request` to what takes one, else over a socket. */
const send = {
  'node-http': (headers) => listening(recipe.api, headers),
  hono: (headers) => recipe.app.fetch(new Request('https://api.example.com/orders', { headers })),
  fastify: async (headers) => {
    await recipe.app.ready()
    return listening(recipe.app.server, headers)
  },
  nextjs: (headers) => recipe.GET(new Request('https://api.example.com/orders', { headers })),
  trpc: (headers) => recipe.handle(new Request('https://api.example.com/trpc/orders', { headers })),
  graphql: (headers) =>
    recipe.yoga.fetch('https://api.example.com/graphql', {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: '{ orders }' }),
    }),
  'apollo-server': async (headers) => {
    started ??= recipe.start(0)
    return overNetwork((await started).url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ query: '{ orders }' }),
    })
  },
}
let started

async function listening(server, headers) {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.unref()
  }
  return overNetwork(`http://127.0.0.1:${String(server.address().port)}/orders`, {
    headers: { ...headers, Connection: 'close' },
  })
}

async function ask(token) {
  const response = await send[name](token === undefined ? {} : { Authorization: `Bearer ${token}` })
  const { status, headers } = response
  const body = await response.text()
  return {
    status,
    challenge: headers.get('www-authenticate'),
    retryAfter: headers.get('retry-after'),
    type: headers.get('content-type'),
    body,
  }
}

const answers = {
  runtime: globalThis.Bun === undefined ? (globalThis.Deno === undefined ? 'node' : 'deno') : 'bun',
  granted: await ask(await issuer.accessToken({ scope: 'orders:read' })),
  missing: await ask(),
  bad: await ask(await issuer.idToken({ aud: issuer.audience })),
  lesser: await ask(await issuer.accessToken({ scope: 'orders:write' })),
}
issuer.goDown()
await issuer.rotateKeys()
answers.undecided = await ask(await issuer.accessToken({ scope: 'orders:read' }))
console.log(JSON.stringify(answers))
await recipe.apollo?.stop()

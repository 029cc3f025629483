// Inputs of other types, secrets of the configuration, words that are no token.
const { subscribe } = require('node:diagnostics_channel')
const { readdirSync, readFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { inspect } = require('node:util')
const { createResourceServer, requireAuth } = require('express-resource-server')
const { statusOf } = require('../world.js')

module.exports = {
  async 'a token that is a Buffer'(world) {
    const server = createResourceServer(world.options)
    const token = world.token()
    const outcome = (input) =>
      server.verifyToken(input).then(
        () => 'accepted',
        ({ name, code }) => `${name} ${code}`,
      )
    const outcomes = [await outcome(Buffer.from(token))]
    await server.verifyToken(token)
    await server.verifyToken(token)
    return [...outcomes, await outcome(Buffer.from(token)), await outcome(undefined)]
  },
  async 'secrets of an address of keys'(world) {
    const told = []
    subscribe('express-resource-server:keys.failed', (message) => told.push(inspect(message)))
    const fetch = async () => {
      throw new Error('no')
    }
    const server = createResourceServer({
      ...world.options,
      fetch,
      jwksUri: 'https://keys.example.com/jwks?key=s3cret',
    })
    await server.ready().catch((error) => told.push(inspect(error, { depth: 9, showHidden: true })))
    await server.explainToken(world.token()).then((report) => told.push(inspect(report, { depth: 9 })))
    return told.some((text) => text.includes('s3cret'))
  },
  async 'the folder of whoever built it'() {
    const folder = join(dirname(require.resolve('express-resource-server/package.json')), 'dist')
    const maps = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.map'))
    return maps
      .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).sources)
      .filter((source) => source.startsWith('/'))
  },
  async 'one word that is no token, and several'(world) {
    const app = world.express()
    app.use(requireAuth(world.options))
    const port = await world.listen(app)
    const words = { colon: '1:abc', bar: '12|abc', quotes: '"abc"', two: 'a b', none: '' }
    const statuses = {}
    for (const [name, token] of Object.entries(words)) statuses[name] = await statusOf(port, '/', { token })
    return statuses
  },
}

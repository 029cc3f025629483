// A file behind a closed row, asked for in spellings that a file server reads and a route table does not.
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { open, optionalAuth, owner, requireAuth, scope } = require('express-resource-server')
const { authorizeRoutes } = require('express-resource-server/routes')
const { ask, statusOf } = require('../world.js')

const SECRET = 'the secret of the house'

function files(world, table, auth = optionalAuth) {
  const root = mkdtempSync(join(tmpdir(), 'attacked-'))
  for (const folder of ['files/public', 'files/private', 'files/PUBLIC', 'homes/a', 'homes/m']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  writeFileSync(join(root, 'files/public/index.html'), 'public')
  writeFileSync(join(root, 'files/public/note.txt'), 'public')
  for (const file of [
    'files/private/secret.txt',
    'files/private/index.html',
    'files/PUBLIC/secret.txt',
    'homes/a/diary.txt',
  ]) {
    writeFileSync(join(root, file), SECRET)
  }
  const app = world.express()
  app.use(auth(world.options), authorizeRoutes(table), world.express.static(root))
  const { close } = world
  world.close = () => {
    close()
    rmSync(root, { recursive: true })
  }
  return world.listen(app)
}

const ways = [
  '/files/public/../private/secret.txt',
  '/files/public/..%2fprivate%2fsecret.txt',
  '/files/public/..%2Fprivate/secret.txt',
  '/files/public/%2e%2e/private/secret.txt',
  '/files/public/%2E./private/secret.txt',
  '/files/public/./../private/secret.txt',
  '/files/public//../private/secret.txt',
  '/files/public/x/..%2f..%2fprivate%2fsecret.txt',
  '/files/public/..%5cprivate%5csecret.txt',
  '/files/public\\..\\private\\secret.txt',
  '/files/%70rivate/secret.txt',
  '/files/private%2fsecret.txt',
  '/files/public/%252e%252e/private/secret.txt',
  '/files/private/secret.txt%00',
  '/files/./private/secret.txt',
  '/files//private/secret.txt',
  '//files/private/secret.txt',
  '/files/PUBLIC/secret.txt',
  '/files/private/',
  '/files/private',
  'http://api.example.com/files/public/../private/secret.txt',
  'http://api.example.com/files/private/secret.txt',
  '/files/public/..;/private/secret.txt',
]

async function leaks(port, options) {
  const found = []
  for (const way of ways) {
    const { status, body } = await ask(port, way, options)
    if (status === 200 || body.includes(SECRET)) found.push(way)
  }
  return found
}

module.exports = {
  async 'what is open does not lead out of itself'(world) {
    const port = await files(world, { 'GET /files/public/*': open() })
    return { leaks: await leaks(port), good: await statusOf(port, '/files/public/note.txt') }
  },
  async 'an open tree around a closed one'(world) {
    const port = await files(world, { 'GET /files/*': open(), 'GET /files/private/*': scope('x') })
    const token = world.token({ scope: 'x' })
    return {
      leaks: (await leaks(port)).filter((way) => way !== '/files/PUBLIC/secret.txt'),
      good: await statusOf(port, '/files/public/note.txt'),
      closed: await statusOf(port, '/files/private/secret.txt'),
      granted: await statusOf(port, '/files/private/secret.txt', { token }),
    }
  },
  async 'an open parameter'(world) {
    const port = await files(world, { 'GET /files/:name': open() })
    return (await leaks(port)).filter((way) => !['/files/private', '/files/private/'].includes(way))
  },
  async 'the home of another owner'(world) {
    const table = { 'GET /homes/:id/*': owner((req) => req.params.id) }
    const port = await files(world, table, requireAuth)
    const targets = [
      '/homes/m/..%2fa/diary.txt',
      '/homes/m/../a/diary.txt',
      '/homes/m%2f..%2fa/diary.txt',
      '/homes/m/%2e%2e/a/diary.txt',
      '/homes/a/diary.txt',
      '/homes//a/diary.txt',
    ]
    const found = []
    for (const target of targets) {
      const { status, body } = await ask(port, target, { token: world.token({ sub: 'm' }) })
      if (status === 200 || body.includes(SECRET)) found.push(target)
    }
    return { leaks: found, own: await statusOf(port, '/homes/a/diary.txt', { token: world.token({ sub: 'a' }) }) }
  },
}

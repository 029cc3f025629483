// Callbacks that reject, hang, or answer twice differently.
const { anyOf, createResourceServer, optionalAuth, requireAuth, requirePolicy } = require('express-resource-server')
const { statusOf } = require('../world.js')

const never = () => new Promise(() => undefined)
const fail = (message) => async () => {
  throw new Error(message)
}
const minutes = 60_000

async function tenants(world, resolver, options = {}) {
  const app = world.express()
  app.use(requireAuth({ ...world.options, issuer: resolver, ...options }))
  app.get('/', (_req, res) => res.json({ in: true }))
  return world.listen(app)
}

module.exports = {
  async 'onError that rejects'(world) {
    const app = world.express()
    app.use(requireAuth({ ...world.options, onError: fail('audit failed') }))
    app.use((_error, _req, res, _next) => res.status(500).end())
    const port = await world.listen(app)
    return { refused: await statusOf(port, '/'), again: await statusOf(port, '/') }
  },
  async 'a resolver that hangs locks nobody out for good'(world) {
    let isHanging = true
    const port = await tenants(world, (issuer) => (isHanging ? never() : { issuer }))
    const hung = await statusOf(port, '/', { token: world.token() })
    isHanging = false
    world.time += 10_000
    return { hung, later: await statusOf(port, '/', { token: world.token() }) }
  },
  async 'lookups that hang lock out no other tenant'(world) {
    const hangs = new Set()
    const port = await tenants(world, (issuer) => (hangs.has(issuer) ? never() : { issuer }))
    const known = await statusOf(port, '/', { token: world.token() })
    const flood = []
    for (let i = 0; i < 1000; i++) {
      hangs.add(`https://t${i}.example.com`)
      flood.push(statusOf(port, '/', { token: world.forged({ iss: `https://t${i}.example.com` }) }).catch(() => 0))
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    world.time += 11 * minutes
    const stale = await statusOf(port, '/', { token: world.token() })
    await Promise.all(flood)
    return { known, stale }
  },
  async 'a store of the limit that hangs'(world) {
    const store = { init() {}, increment: never, decrement() {}, resetKey() {} }
    const app = world.express()
    app.use(requireAuth({ ...world.options, failedAuthLimit: { store, validate: false } }))
    const port = await world.listen(app)
    return statusOf(port, '/', { token: 'x.y.z' })
  },
  async 'one answer object that is used again'(world) {
    const answer = { granted: false, code: 'access_denied', detail: '' }
    let release
    const isReleased = new Promise((resolve) => (release = resolve))
    const isAdmin = (auth) => {
      answer.granted = auth.subject === 'admin'
      return answer
    }
    const slow = async () => {
      await isReleased
      return false
    }
    const app = world.express()
    app.use(requireAuth(world.options))
    app.get('/', requirePolicy(anyOf(isAdmin, slow)), (_req, res) => res.json({ in: true }))
    const port = await world.listen(app)
    const anybody = statusOf(port, '/', { token: world.token({ sub: 'anybody' }) })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const admin = await statusOf(port, '/', { token: world.token({ sub: 'admin' }) })
    release()
    return { admin, anybody: await anybody }
  },
  async 'a getter that changes its mind'(world) {
    const app = world.express()
    app.use(requireAuth(world.options))
    let asked = 0
    const decision = () => ({
      code: 'access_denied',
      detail: '',
      get granted() {
        return asked++ > 0
      },
    })
    app.get('/', requirePolicy(decision), (_req, res) => res.json({ in: true }))
    return statusOf(await world.listen(app), '/', { token: world.token() })
  },
  async 'a clock that was set back'(world) {
    const trusted = new Set([world.ISSUER])
    const port = await tenants(world, (issuer) => (trusted.has(issuer) ? { issuer } : undefined))
    const before = await statusOf(port, '/', { token: world.token() })
    trusted.clear()
    world.time -= 24 * 60 * minutes
    world.time += 23 * 60 * minutes
    return { before, removed: await statusOf(port, '/', { token: world.token() }) }
  },
  async 'a token that expires while a resolver takes its time'(world) {
    const port = await tenants(world, async (issuer) => {
      world.time += 60 * minutes
      return { issuer }
    })
    return statusOf(port, '/', { token: world.token() })
  },
  async 'an issuer that is down, and a forged token'(world) {
    world.onFetch = fail('down')
    const app = world.express()
    app.use(optionalAuth(world.options))
    const port = await world.listen(app)
    return statusOf(port, '/', { token: world.forged() })
  },
  async 'a schema that throws, in a report'(world) {
    const claims = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate() {
          throw new Error('schema')
        },
      },
    }
    const report = await createResourceServer({ ...world.options, claims }).explainToken(world.token())
    return report.verdict
  },
}

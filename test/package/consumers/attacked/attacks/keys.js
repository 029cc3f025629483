// Floods, rotations, and what is left in memory.
const { createResourceServer, requireAuth } = require('express-resource-server')
const { statusOf } = require('../world.js')

async function api(world, options) {
  const app = world.express()
  app.use(requireAuth({ ...world.options, ...options }))
  app.get('/', (_req, res) => res.json({ in: true }))
  return world.listen(app)
}

module.exports = {
  async 'key loads of a flood over 3,000 tenants'(world) {
    const underWay = new Set()
    let most = 0
    let isFlood = false
    world.onFetch = async (_url, signal) => {
      underWay.add(signal)
      // As the platform's fetch does it: where the machine is slow, many get their place shortly before their deadline.
      signal.addEventListener('abort', () => underWay.delete(signal))
      most = Math.max(most, underWay.size)
      if (isFlood) await new Promise((resolve) => setTimeout(resolve, 20))
      underWay.delete(signal)
    }
    const server = createResourceServer({ ...world.options, issuer: (issuer) => ({ issuer }) })
    await server.verifyToken(world.token())
    isFlood = true
    const template = world.forged({ iss: 'https://t0000.example.com' }).split('.')
    const forge = (i) => {
      const claims = Buffer.from(JSON.stringify(world.claims({ iss: `https://t${1000 + (i % 3000)}.example.com` })))
      return `${template[0]}.${claims.toString('base64url')}.${template[2]}`
    }
    const codes = {}
    const flood = Array.from({ length: 10_000 }, (_, i) =>
      server.verifyToken(forge(i)).then(
        () => 'accepted',
        ({ code }) => code,
      ),
    )
    let known = 0
    for (let i = 0; i < 50; i++) {
      await server.verifyToken(world.token()).then(() => known++)
    }
    for (const code of await Promise.all(flood)) codes[code] = (codes[code] ?? 0) + 1
    return { loadsAtOnce: most, known, accepted: codes.accepted ?? 0 }
  },
  async 'a fresh key while made-up names come'(world) {
    const port = await api(world)
    const first = await statusOf(port, '/', { token: world.token() })
    const madeUp = await statusOf(port, '/', { token: world.token({}, { kid: 'made-up' }) })
    world.keys.unshift(world.createKey('key-2'))
    const fresh = await statusOf(port, '/', { token: world.token() })
    world.time += 31_000
    const later = await statusOf(port, '/', { token: world.token() })
    world.keys.shift()
    return { first, madeUp, fresh, later }
  },
  async 'a new key under an old name'(world) {
    const port = await api(world)
    const first = await statusOf(port, '/', { token: world.token() })
    const keys = world.keys.splice(0, 1, world.createKey('key-1'))
    const fresh = await statusOf(port, '/', { token: world.token() })
    world.keys.splice(0, 1, ...keys)
    return { first, fresh }
  },
  async 'the memory of 400 odd tokens'(world) {
    global.gc()
    const server = createResourceServer(world.options)
    await server.verifyToken(world.token())
    const tokens = Array.from({ length: 400 }, () => world.token({ odd: Array.from({ length: 3500 }, () => ({})) }))
    const verify = async () => {
      for (const token of tokens) await server.verifyToken(token).catch(() => undefined)
    }
    global.gc()
    const before = process.memoryUsage().heapUsed
    await verify()
    await verify()
    global.gc()
    const mebibytes = (process.memoryUsage().heapUsed - before) / 2 ** 20
    await server.verifyToken(tokens[0]).catch(() => undefined)
    return { atMost10: mebibytes < 10 ? true : mebibytes }
  },
  async 'the memory of anonymous headers'(world) {
    const server = createResourceServer(world.options)
    await server.verifyToken(world.token())
    global.gc()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 1000; i++) {
      const odd = Array.from({ length: 900 }, () => [])
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `k${i}`, odd })).toString('base64url')
      const claims = Buffer.from(JSON.stringify({ ...world.claims(), iss: 'https://nobody.example.com' }))
      await server.verifyToken(`${header}.${claims.toString('base64url')}.AAAA`).catch(() => undefined)
    }
    global.gc()
    const mebibytes = (process.memoryUsage().heapUsed - before) / 2 ** 20
    await server.verifyToken(world.token())
    return { atMost1: mebibytes < 1 ? true : mebibytes }
  },
}

// What is measured in process: a verifier, or a chain of middleware, as a function that makes one call.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Exchange } from './exchange.js'

const require = createRequire(import.meta.url)

/** Our own builds: what Node runs, by `require` or by `import`, and what bundlers take. */
const builds = {
  commonjs: (folder, { require: { default: file } }) => require(join(folder, file)),
  modules: (folder, { import: { module: file } }) => import(pathToFileURL(join(folder, file)).href),
}

/**
 * @param {{ module?: string, build?: string, library: string, way: 'verify' | 'middleware', setup: object }} subject - Of a
 *   contender its module; of ours the build.
 * @returns {Promise<{ promisesOfLoop: number, prepare(material: any[], status?: number): Function }>} Whatever calls need is
 *   made when they are prepared. One that ends otherwise than it should is an error.
 */
export async function createSubject({ way, ...subject }) {
  return way === 'verify' ? ofVerifier(await createVerifier(subject)) : ofChain(await createChain(subject))
}

async function load({ build, library }) {
  const { exports } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'))
  return builds[build](library, exports['.'])
}

async function createVerifier({ module, setup, ...ours }) {
  if (module !== undefined) return (await import(`../contenders/${module}.js`)).createVerifier(setup)
  const { createResourceServer } = await load(ours)
  const server = createResourceServer(setup)
  return (token) => server.verifyToken(token)
}

async function createChain({ module, setup, scope, metadata, ...ours }) {
  if (module !== undefined) return [await (await import(`../contenders/${module}.js`)).createMiddleware(setup)]
  const { protectedResourceMetadata, requireAuth, requireScope } = await load(ours)
  return [
    ...(metadata === undefined ? [] : [protectedResourceMetadata(metadata)]),
    requireAuth(setup),
    ...(scope === undefined ? [] : [requireScope(scope)]),
  ]
}

function ofVerifier(verify) {
  let promises = 0
  return {
    promisesOfLoop: () => promises,
    prepare(material) {
      const tokens = material.map(flat)
      return (index, done) => {
        const verdict = verify(tokens[index])
        if (typeof verdict?.then === 'function') {
          promises += 1
          verdict.then(() => done(), done)
        } else done()
      }
    },
  }
}

function ofChain(chain) {
  return {
    promisesOfLoop: () => 0,
    prepare(material, expected = 200) {
      const exchanges = material.map((rawHeaders) => new Exchange(rawHeaders.map(flat), chain))
      return (index, done) => {
        exchanges[index].run((status) => {
          done(status === expected ? undefined : new Error(`${status}, not ${expected}`))
        })
      }
    },
  }
}

/** A string of its own, as it comes from a socket: nothing knows its hash yet, and it is not made of parts. */
function flat(text) {
  return Buffer.from(text, 'latin1').latin1Slice()
}

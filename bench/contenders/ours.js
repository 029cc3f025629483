// The library as it is built, from the folder that the setup names: the working tree's, or that of another commit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What `import` of the package loads. */
const load = ({ library }) => {
  const { exports } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'))
  return import(pathToFileURL(join(library, exports['.'].import.default)).href)
}

export async function createMiddleware(setup) {
  const { requireAuth } = await load(setup)
  return requireAuth(optionsFor(setup))
}

/** What serves nothing before it has its keys. */
export async function createReadyMiddleware(setup) {
  const { createResourceServer } = await load(setup)
  const server = createResourceServer(optionsFor(setup))
  await server.ready()
  return server.requireAuth()
}

export async function createVerifier(setup) {
  const { createResourceServer } = await load(setup)
  const server = createResourceServer(optionsFor(setup))
  return (token) => server.verifyToken(token)
}

/** Any of many issuers, each with the keys that it is given. */
export async function createTenantVerifier({ library, audience, options: { issuers, jwks, trust, ...rest } }) {
  const { createResourceServer } = await load({ library })
  const known = new Set(issuers)
  const list = () => issuers.map((issuer) => ({ issuer, jwks }))
  const lookup = (unverifiedIssuer) => (known.has(unverifiedIssuer) ? { issuer: unverifiedIssuer, jwks } : undefined)
  const server = createResourceServer({ issuer: trust === 'list' ? list() : lookup, audience, ...rest })
  return (token) => server.verifyToken(token)
}

function optionsFor({ issuer, audience, jwksUri, options = {} }) {
  return { issuer, audience, jwksUri, ...options }
}

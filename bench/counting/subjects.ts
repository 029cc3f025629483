import { setupFor, type Site } from '../bench.js'
import type { CaseGroup } from '../cases/case.js'
import type { Child } from '../children.js'
import { builds } from '../results.js'
import { publicJwk, signingKey } from '../tokens/keys.js'
import { audience, issuer } from '../tokens/mint.js'

/** Who is called: a build of ours, or a contender by its identifier. */
export type SubjectId = string

/** Whether this is of ours. */
export function isBuild(id: SubjectId): boolean {
  return builds.some((build) => build === id)
}

/** Who can be called with the cases of a group, ours first. */
export function subjectsOf(group: CaseGroup, bench: Site): readonly SubjectId[] {
  const peers = bench.contenders.filter(({ id, algorithms }) => {
    return group.peers?.includes(id) === true && algorithms.includes(group.algorithm)
  })
  return [...builds, ...peers.map(({ id }) => id)]
}

/** What measured/subject.js makes it of. */
export function describeSubject(id: SubjectId, group: CaseGroup, bench: Site): object {
  const { way, algorithm, options, scope, metadata } = group
  const contender = bench.contenders.find((one) => one.id === id)
  if (contender !== undefined) {
    return { way, module: contender.module, setup: setupFor(contender, { bench, algorithm }) }
  }
  const jwks = { keys: [publicJwk(signingKey(algorithm))] }
  const keyServer = `http://127.0.0.1:${String(bench.keyServerPort)}`
  return {
    way,
    build: id,
    library: bench.settings.root,
    setup: { issuer: { issuer, jwks }, audience, ...options?.({ keyServer, jwks }) },
    scope,
    metadata: metadata === true ? { resource: audience, authorizationServers: [issuer] } : undefined,
  }
}

/**
 * Nothing may be collected while bytes are counted, so that there is room for all of it; the compiler works when it is called,
 * not whenever its thread gets to it; and objects are born where they are counted.
 */
const FLAGS = [
  '--expose-gc',
  '--min-semi-space-size=256',
  '--max-semi-space-size=256',
  '--initial-old-space-size=1024',
  '--no-concurrent-recompilation',
  '--no-allocation-site-pretenuring',
]

/** Starts a process that counts for one subject; whoever calls ends it. */
export async function startCounter(id: SubjectId, group: CaseGroup, bench: Site): Promise<Child> {
  const counter = await bench.children.start('measured/count.js', FLAGS)
  await counter.ask('start', describeSubject(id, group, bench))
  return counter
}

import type { Authenticator } from '../authenticator.js'
import type { ResourceServerOptions } from '../config/options.js'
import { warnOnce } from '../warnings.js'

const MANY = 10
const MAX_NAMES = 100

/** How many were made for one issuer, by who fetches for it: tests have a `fetch` of their own for each. */
const made = new WeakMap<object, Map<string, number>>()
const everybody = {}

/** Made within this turn of the event loop, in which no server can have taken a request meanwhile. */
let brandNew: Authenticator | undefined

/** Remembers that a resource server was made, and warns where many were made for one issuer. */
export function noteCreation(
  authenticator: Authenticator,
  { issuer = 'OAUTH_ISSUER', fetch }: ResourceServerOptions,
): void {
  brandNew = authenticator
  queueMicrotask(() => {
    if (brandNew === authenticator) brandNew = undefined
  })
  const name = nameOf(issuer)
  if (name === undefined) return
  const counts = made.get(fetch ?? everybody) ?? new Map<string, number>()
  if (counts.size >= MAX_NAMES && !counts.has(name)) return
  const count = (counts.get(name) ?? 0) + 1
  made.set(fetch ?? everybody, counts.set(name, count))
  if (count === MANY) warnOnce('ERS_MANY_SERVERS', `The issuer is "${name}".`)
}

/** Tells whether an authenticator is asked about a request in the very turn in which it was made: it was made for that request. */
export function isBrandNew(authenticator: Authenticator): boolean {
  return brandNew === authenticator
}

/** A list and a resolver are not told apart. */
function nameOf(issuer: ResourceServerOptions['issuer']): string | undefined {
  if (typeof issuer === 'string') return issuer
  return typeof issuer === 'object' && 'issuer' in issuer ? issuer.issuer : undefined
}

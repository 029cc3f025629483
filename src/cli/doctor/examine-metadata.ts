import { FetchError, fetchJson } from '../../lib/fetch-json.js'
import { quote, quoteAll } from '../../lib/quote.js'
import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import { insertWellKnown, isSecure, readUrl, withoutSecrets } from '../../lib/urls.js'
import type { Finding } from './finding.js'

interface Asked {
  readonly url: string
  readonly challenge: ReadonlyMap<string, string> | undefined
  readonly issuers: readonly string[] | undefined
}

const LIMITS = { timeoutMilliseconds: 5000, maxBytes: 256 * 1024 }
const about = 'metadata'

/** Looks for the metadata of a resource where its challenge says, or where RFC 9728 has it, and at what it says. */
export async function examineMetadata({ url, challenge, issuers }: Asked): Promise<readonly Finding[]> {
  const resource = new URL(url)
  const named = challenge?.get('resource_metadata')
  const place =
    named === undefined ? insertWellKnown(withoutQuery(resource), 'oauth-protected-resource') : readUrl(named)
  if (place === undefined)
    return [{ about, mood: 'bad', says: `the challenge names ${quote(named ?? '')}, which is no URL` }]
  if (!isSecure(place, resource.protocol === 'http:')) {
    return [
      {
        about,
        mood: 'bad',
        says: 'the challenge names a document without https',
        remedy: 'See "resourceMetadataUrl".',
      },
    ]
  }
  if (place.origin !== resource.origin) {
    // Whoever answers may name a host that only we can reach.
    return [{ about, mood: 'bad', says: `the challenge names a document of another host: ${quote(place.origin)}` }]
  }
  try {
    const signal = AbortSignal.timeout(LIMITS.timeoutMilliseconds)
    const { document } = await fetchJson((to, init) => fetch(to, init), place.href, {
      signal,
      maxBytes: LIMITS.maxBytes,
    })
    return [{ about, mood: 'good', says: withoutSecrets(place.href) }, ...describe(document, resource, issuers)]
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    if (named === undefined && error.status !== undefined) {
      return [{ about, says: 'none is published (RFC 9728). Clients of MCP need it: protectedResourceMetadata()' }]
    }
    return [
      {
        about,
        mood: 'bad',
        says: error.message,
        remedy: 'It must answer without a token: mount it above requireAuth().',
      },
    ]
  }
}

function withoutQuery(url: URL): URL {
  const bare = new URL(url)
  bare.search = ''
  bare.hash = ''
  return bare
}

function describe(document: JsonObject, asked: URL, issuers: readonly string[] | undefined): readonly Finding[] {
  const resource = ownMember(document, 'resource')
  const servers = textsOf(document, 'authorization_servers')
  const scopes = textsOf(document, 'scopes_supported')
  const strangers = issuers === undefined ? [] : servers.filter((one) => !issuers.includes(one))
  return [
    describeResource(resource, asked),
    servers.length === 0
      ? {
          about: 'servers',
          mood: 'bad',
          says: 'it names no "authorization_servers"',
          remedy: 'A client cannot tell where to get a token.',
        }
      : { about: 'servers', says: quoteAll(servers) },
    ...(strangers.length === 0
      ? []
      : [{ about: 'servers', mood: 'bad', says: `not trusted by the configuration: ${quoteAll(strangers)}` } as const]),
    { about: 'scopes', says: scopes.length === 0 ? 'it names no "scopes_supported"' : quoteAll(scopes) },
  ]
}

/** RFC 9728 section 3.3: a client must not use a document that is not about what it asked for. */
function describeResource(resource: unknown, asked: URL): Finding {
  const one = typeof resource === 'string' ? readUrl(resource) : undefined
  const path = one?.pathname.replace(/\/$/, '') ?? ''
  const isIt = one?.origin === asked.origin && (asked.pathname === path || asked.pathname.startsWith(`${path}/`))
  const says = typeof resource === 'string' ? quote(resource) : 'missing'
  if (isIt) return { about: 'resource', mood: 'good', says }
  const remedy = 'It must be the URL by which clients know this API: scheme, host and path.'
  return { about: 'resource', mood: 'bad', says: `${says} is not what was asked for`, remedy }
}

function textsOf(document: JsonObject, name: string): readonly string[] {
  const value = ownMember(document, name)
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

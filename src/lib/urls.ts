/** Reads an absolute URL, or says `undefined`. */
export function readUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

/**
 * Tells whether a text is a http or https URL as it stands, in printable ASCII: the platform's parser mends white space,
 * backslashes and missing slashes, and what is published must need no mending.
 */
export function isAbsoluteUrl(text: string): boolean {
  return /^https?:\/\/[^\s"<>\\]+$/i.test(text) && /^[\x21-\x7E]*$/.test(text) && URL.canParse(text)
}

/**
 * Tells whether a URL's host can only be this machine: `localhost`, `*.localhost`, `127.0.0.0/8`, `::1`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6761#section-6.3 | RFC 6761 §6.3} for `*.localhost`
 */
function isLoopback(url: URL): boolean {
  const host = url.hostname
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  )
}

/** Writes a URL as it may stand in a message: without user, password, query and fragment, which may hold secrets. */
export function withoutSecrets(text: string): string {
  const url = readUrl(text)
  if (url === undefined) return 'a URL that makes no sense'
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?...'}`
}

/** Tells whether what comes from a URL can be believed: `https`, or `http` that does not leave this machine. */
export function isSecure(url: URL, dangerouslyAllowHttp: boolean): boolean {
  if (url.username !== '' || url.password !== '') return false
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && (dangerouslyAllowHttp || isLoopback(url))
}

/**
 * Puts a well-known name between the host and the path of an identifier: `https://example.com/mcp` becomes
 * `https://example.com/.well-known/NAME/mcp`. The slash of an empty path is dropped; path and query are kept as they are.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.1 | RFC 9728 §3.1}
 */
export function insertWellKnown(identifier: URL, name: string): URL {
  const url = new URL(identifier)
  url.pathname = `/.well-known/${name}${pathOf(identifier)}`
  return url
}

/** Puts a well-known name behind the path of an identifier, as OpenID Connect Discovery 1.0 §4 does. */
export function appendWellKnown(identifier: URL, name: string): URL {
  const url = new URL(identifier)
  url.pathname = `${pathOf(identifier)}/.well-known/${name}`
  return url
}

/** The path, where there is one: the slash of an empty path is the platform's. */
function pathOf({ pathname }: URL): string {
  return pathname === '/' ? '' : pathname
}

/** Drops the slash that ends a path, as RFC 8414 §3.1 and OpenID Connect Discovery 1.0 §4 ask before either insertion. */
export function withoutTrailingSlash(identifier: URL): URL {
  const url = new URL(identifier)
  url.pathname = identifier.pathname.replace(/\/$/, '')
  return url
}

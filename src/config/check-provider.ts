import { ConfigurationError } from '../errors.js'
import { readUrl } from '../lib/urls.js'

/** A form of an issuer that no token of the provider ever names, and what to write in its place. */
interface Trap {
  readonly isCaught: (issuer: URL, text: string) => boolean
  readonly says: (issuer: URL, text: string) => string
}

const ENTRA = /^login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)$/
const OKTA = /\.okta(?:preview|-emea|-gov)?\.com$/
const COGNITO = /^cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/

const segmentsOf = ({ pathname }: URL): readonly string[] => pathname.split('/').filter((segment) => segment !== '')
const tenantOf = (issuer: URL): string => segmentsOf(issuer)[0] ?? 'TENANT'
const withoutSlash = (text: string): string => text.replace(/\/+$/, '')

/** Each from the provider's documentation; what might work somewhere is not here. */
const TRAPS: readonly Trap[] = [
  {
    isCaught: ({ pathname }) => /\/\.well-known(?:\/|$)/.test(pathname),
    says: ({ origin, pathname }) => {
      // RFC 8414 puts it in front of the path, OpenID Connect Discovery behind.
      const [, before = '', after = ''] = /^(.*?)\/\.well-known(?:\/[^/]*)?(.*)$/.exec(pathname) ?? []
      return `is the address of a document. Write the "issuer" that stands in it, probably "${origin}${before}${after}"`
    },
  },
  {
    isCaught: ({ pathname }) =>
      /\/realms\/[^/]+\/(?:protocol|account|clients-registrations|broker)(?:\/|$)/.test(pathname),
    says: ({ origin, pathname }) =>
      `is an endpoint of a Keycloak realm. Write "${origin}${/^.*?\/realms\/[^/]+/.exec(pathname)?.[0] ?? ''}"`,
  },
  {
    isCaught: ({ pathname }) => /^(?:\/auth)?\/admin\/(?:realms\/[^/]+|[^/]+\/console)/.test(pathname),
    says: ({ origin }) => `is the administration of Keycloak. Write "${origin}/realms/REALM"`,
  },
  {
    isCaught: ({ hostname, pathname }, text) =>
      hostname.endsWith('.auth0.com') && (pathname !== '/' || !text.endsWith('/')),
    says: ({ origin }) => `is not as Auth0 writes it, with a slash at the end and no path. Write "${origin}/"`,
  },
  {
    isCaught: (issuer) =>
      (ENTRA.test(issuer.hostname) || issuer.hostname === 'sts.windows.net') &&
      ['common', 'organizations', 'consumers'].includes(tenantOf(issuer).toLowerCase()),
    says: (issuer) =>
      `stands for many tenants of Microsoft Entra ("${tenantOf(issuer)}"), and no token names it. List the issuer of each tenant that you trust, "https://login.microsoftonline.com/TENANT/v2.0" with the id of the tenant`,
  },
  {
    isCaught: (issuer) =>
      (ENTRA.test(issuer.hostname) || issuer.hostname === 'sts.windows.net') &&
      tenantOf(issuer).includes('.') &&
      segmentsOf(issuer).length > 0,
    says: () =>
      'names a tenant of Microsoft Entra by its domain, and tokens name it by its id. Write the id of the tenant, a GUID ("Tenant ID" on the overview page)',
  },
  {
    isCaught: (issuer, text) => {
      const [, version, ...more] = segmentsOf(issuer)
      return ENTRA.test(issuer.hostname) && (version !== 'v2.0' || more.length > 0 || text.endsWith('/'))
    },
    says: (issuer) =>
      `is not the issuer of any token of Microsoft Entra. Write "${issuer.origin}/${tenantOf(issuer)}/v2.0" for v2.0 tokens, "https://sts.windows.net/${tenantOf(issuer)}/" for v1.0 tokens, or both: look at "iss" of a token`,
  },
  {
    isCaught: (issuer, text) =>
      issuer.hostname === 'sts.windows.net' && (segmentsOf(issuer).length !== 1 || !text.endsWith('/')),
    says: (issuer) =>
      `is not as Microsoft Entra writes the issuer of v1.0 tokens. Write "https://sts.windows.net/${tenantOf(issuer)}/", with the slash`,
  },
  {
    isCaught: ({ hostname }) => OKTA.test(hostname) && hostname.split('.', 1)[0]?.endsWith('-admin') === true,
    says: ({ hostname }) =>
      `is the address of Okta's administration. Write "https://${hostname.replace('-admin.', '.')}/oauth2/default", or the authorization server that you made`,
  },
  {
    isCaught: ({ hostname, pathname }) =>
      OKTA.test(hostname) && (!/^\/oauth2\/[^/]+$/.test(pathname) || pathname === '/oauth2/v1'),
    says: (issuer) => {
      const [first, server] = segmentsOf(issuer)
      return first === 'oauth2' && server !== undefined && server !== 'v1'
        ? `is not as Okta writes it. Write "${issuer.origin}/oauth2/${server}"`
        : `is the org authorization server of Okta, whose tokens only Okta can verify. Use a custom authorization server, "${issuer.origin}/oauth2/default" say`
    },
  },
  {
    isCaught: ({ hostname }) => hostname.endsWith('.amazoncognito.com'),
    says: () =>
      'is the sign-in page of Amazon Cognito. Write the issuer of the user pool, "https://cognito-idp.REGION.amazonaws.com/POOL"',
  },
  {
    isCaught: (issuer, text) =>
      COGNITO.test(issuer.hostname) && (segmentsOf(issuer).length !== 1 || text.endsWith('/')),
    says: (issuer) =>
      `is not as Amazon Cognito writes it. Write "${issuer.origin}/${segmentsOf(issuer)[0] ?? 'POOL'}", with the id of the user pool and no slash at the end`,
  },
  {
    isCaught: ({ hostname }, text) => hostname === 'accounts.google.com' && withoutSlash(text) !== text,
    says: () => 'ends in a slash, and that of Google does not. Write "https://accounts.google.com"',
  },
]

/**
 * Refuses an issuer under which no token of its provider will ever be accepted.
 *
 * @throws {ConfigurationError} With what to write instead.
 */
export function checkProvider(issuer: string): void {
  const url = readUrl(issuer)
  if (url === undefined) return
  const trap = TRAPS.find(({ isCaught }) => isCaught(url, issuer))
  if (trap !== undefined) throw new ConfigurationError(`The option "issuer" ("${issuer}") ${trap.says(url, issuer)}.`)
}

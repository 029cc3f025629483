/** Who lives where. `a.localhost` is one site to a browser, `b.localhost` another; a port makes no difference to that. */
const hosts = {
  /** The passport office: the OpenID provider. On a site of its own, as providers are. */
  idp: 'idp.b.localhost',
  /** Border control: the API. */
  api: 'api.a.localhost',
  /** The traveller: a single-page app. */
  app: 'app.a.localhost',
  /** The renewal desk: the token handler of the single-page app. */
  auth: 'auth.a.localhost',
  /** The guide: a backend for the frontend, and the frontend that it serves. */
  bff: 'bff.a.localhost',
  /** A shop of the old kind: one server with a session of its own, and no token anywhere. */
  plain: 'plain.a.localhost',
  /** The traveller who should not be imitated. */
  careless: 'careless.a.localhost',
  /** The thief. */
  evil: 'evil.b.localhost',
} as const

export type Role = keyof typeof hosts

/** The origin of every role, `http://app.a.localhost:4400` for example. */
export type Origins = Readonly<Record<Role, string>>

export function originsAt(port: number): Origins {
  const entries = Object.entries(hosts).map(([role, host]) => [role, `http://${host}:${String(port)}`])
  return Object.fromEntries(entries) as Origins // the keys are those of `hosts`
}

/** The role that a `Host` header asks for. */
export function roleOf(hostHeader: string | undefined): Role | undefined {
  const host = hostHeader?.replace(/:\d+$/, '')
  return (Object.keys(hosts) as Role[]).find((role) => hosts[role] === host)
}

/** The APIs that access tokens are issued for. Identifiers, not addresses. */
export const audiences = { orders: 'https://orders.example.com', reports: 'https://reports.example.com' } as const

/** What the users of this example may do with their orders. */
export const scopes = 'orders:read orders:write'

/** For the other API. */
export const reportsScope = 'reports:read'

/** The passport office of this example back-dates an access token with this scope by an hour. None should. */
export const hourAgoScope = 'demo:an-hour-ago'

/** What the applications of this example ask for at sign-in. */
export const requestedScope = `openid ${scopes} ${reportsScope} ${hourAgoScope}`

/** How the applications are called at the passport office. */
export const clientIds = {
  app: 'app-with-token-handler',
  redirect: 'app-with-redirects',
  bff: 'bff',
  careless: 'careless-app',
} as const

/** The roles that have a page with a board. */
export type Page = 'app' | 'bff' | 'plain' | 'careless'

const pages: Readonly<Partial<Record<Role, Page>>> = {
  app: 'app',
  auth: 'app',
  bff: 'bff',
  plain: 'plain',
  careless: 'careless',
}

/** Whose page a role serves alone; undefined for those that serve several. */
export const pageOfRole = (role: Role): Page | undefined => pages[role]

/** Whose page a client of the passport office is. */
export function pageOfClient(clientId: unknown): Page | undefined {
  const role = Object.entries(clientIds).find(([, id]) => id === clientId)?.[0]
  return role === 'redirect' ? 'app' : pages[role as Role] // undefined where it is none
}

/**
 * `__Host-` holds the browser to it: Secure, for every path of this host, and for no other host. A sibling such as
 * app.a.localhost can neither read nor plant it.
 */
export const SESSION_COOKIE = '__Host-session'

export const sessionCookie = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

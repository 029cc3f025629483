/**
 * `__Host-` holds the browser to it: Secure, for every path of this host, and for no other host. A sibling such as
 * careless.a.localhost can neither read nor plant it. `Http-` adds: set by a header, and not by a script.
 */
export const SESSION_COOKIE = '__Host-Http-session'

export const sessionCookie = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

/**
 * What works, or seems to, and is not meant: each is said once in a process, as a warning of Node's with its code.
 *
 * `node --disable-warning=CODE` turns one of them off, the environment variable `EXPRESS_RESOURCE_SERVER_WARNINGS=off` all.
 */
export const warnings = {
  ERS_PER_REQUEST:
    'requireAuth() or optionalAuth() was called to handle one request: its keys are fetched and its tokens verified anew for each. Call it once, at start-up, and mount what it returns.',
  ERS_MANY_SERVERS:
    'Many resource servers were made for one issuer: each fetches its keys and remembers its tokens for itself. Make one with createResourceServer(), and mount its requireAuth() wherever it is needed.',
  ERS_PREFLIGHT_REFUSED:
    'The preflight of a browser was refused, since it never carries a token: mount cors() above requireAuth().',
  ERS_DPOP_UNREAD:
    'A request came with "Authorization: DPoP", which is not read here: it counted as one without credentials. Set the option "dpop", or have the client send a token that is not bound to a key, as Bearer.',
  ERS_CERTIFICATE_HEADER_IGNORED:
    'A request came with the header of the option "mtls", and from nobody in its "trustedProxies": the header was ignored. If a proxy of yours sent it, list its address; if not, somebody tried it.',
  ERS_SCHEME_MISSING:
    'A request came with a token and no scheme in "Authorization": it counted as one without credentials. The client must write "Bearer" and a space before the token.',
  ERS_AUDIENCE_UNUSUAL: 'An audience was configured that tokens of this issuer do not usually carry.',
  ERS_AUDIENCE_SHARED: 'An audience was configured that is in nearly every token of this issuer.',
  ERS_INTROSPECTION_REFUSED:
    'An issuer does not let this API ask about tokens, so that every opaque token is answered 503. Look at "introspection.clientId", at the secret or the key in "clientAuthentication", at the method that the issuer has for that client, and at whether it may introspect.',
  ERS_DEV_ISSUER:
    'An issuer for development is trusted, at which everybody is whoever they want to be: "npx express-resource-server dev". Never trust one where it counts.',
  ERS_MCP_PATH:
    'An MCP endpoint was asked for at a path that is not that of its resource: clients compare the two, and look for the metadata there. Mount it where the option "resource" says, or correct that.',
  ERS_WEBSOCKET_QUERY:
    'A WebSocket was asked for with a token in the query, where none is read: addresses stand in logs. The client must send it in "Authorization", as a subprotocol or in its first message.',
  ERS_REVOCATION_UNREAD:
    "A token was accepted while it could not be told whether it was revoked: createRevocation() has onUnavailable: 'accept', and its store could not be read in time.",
} as const

/** The code of a warning. */
export type WarningCode = keyof typeof warnings

const said = new Set<WarningCode>()

/**
 * Says a warning, unless it was said before or warnings are turned off.
 *
 * @param about - What this one is about: names out of the configuration, nothing of a request.
 */
export function warnOnce(code: WarningCode, about?: string): void {
  if (said.has(code)) return
  said.add(code)
  if (process.env['EXPRESS_RESOURCE_SERVER_WARNINGS'] === 'off') return
  process.emitWarning(about === undefined ? warnings[code] : `${warnings[code]} ${about}`, {
    type: 'ExpressResourceServerWarning',
    code,
  })
}

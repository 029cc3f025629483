// @ts-check

/** @typedef {'idp' | 'api' | 'app' | 'auth' | 'bff' | 'plain' | 'careless' | 'evil'} Role */

/** @param {string} host */
const at = (host) => `http://${host}.localhost:${location.port}`

/** The origin of every role, as in `stage/addresses.ts`; all share the port of this page. */
export const origins = {
  idp: at('idp.b'),
  api: at('api.a'),
  app: at('app.a'),
  auth: at('auth.a'),
  bff: at('bff.a'),
  plain: at('plain.a'),
  careless: at('careless.a'),
  evil: at('evil.b'),
}

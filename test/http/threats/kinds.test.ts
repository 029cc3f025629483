import { autoWorld, attack, createWorld, family, strictWorld, threatTable, type Row } from './harness.js'
import { AS1, AUDIENCE, NOW, evil, forge, goodClaims, type Changes } from './tokens.js'

// Every look-alike is sent twice: with the audience of this API, which is the worst case, and with the one it would have.
// The access tokens of the providers are in ../provider-matrix.test.ts and ../profiles.test.ts.

const K = 'RFC 8725 3.12'
const T = 'RFC 8725 3.11'
const bare = { client_id: undefined, scope: undefined, jti: undefined }
const idToken = {
  ...bare,
  nonce: 'n-0S6_WzA2Mj',
  at_hash: '77QmUPtjPfzWtF2AnpK9RQ',
  auth_time: NOW,
  azp: 'spa-client-1',
}
const logoutEvents = { 'http://schemas.openid.net/event/backchannel-logout': {} }

/** What each kind holds beyond iss, aud, sub, iat and exp. */
const marked: Readonly<Record<string, Changes>> = {
  'a generic ID token': idToken,
  'an ID token without nonce': { ...idToken, nonce: undefined },
  'an ID token without at_hash': { ...idToken, at_hash: undefined },
  'an ID token of the hybrid flow': { ...bare, c_hash: 'LDktKdoQak3Pk0cnXxCltA' },
  'an ID token with s_hash': { ...bare, s_hash: 'LDktKdoQak3Pk0cnXxCltA' },
  'an ID token with a scope claim': { ...idToken, scope: 'openid profile' },
  'an ID token with roles and permissions': { ...idToken, roles: ['clerk'], permissions: ['x'] },
  Okta: { ...bare, ver: 1, jti: 'ID.uV2ahbYzGtXB', amr: ['pwd'], idp: 'idp-1-of-okta', at_hash: 'x' },
  'Okta, with scp too': { ...bare, ver: 1, jti: 'ID.uV2ahbYzGtXB', cid: 'client-1', scp: ['openid'] },
  Cognito: { ...bare, token_use: 'id', 'cognito:username': 'ada-lovelace', 'cognito:groups': ['clerks'] },
  'Cognito, with a scope': { ...bare, token_use: 'id', scope: 'openid' },
  'Keycloak ID': { ...idToken, typ: 'ID', acr: '1', sid: 'session-1' },
  'Keycloak ID with a scope': { ...bare, typ: 'ID', scope: 'openid' },
  'Keycloak Refresh': { ...bare, typ: 'Refresh', scope: 'openid', sid: 'session-1' },
  'Keycloak Offline': { ...bare, typ: 'Offline', scope: 'openid offline_access' },
  'Keycloak Logout': { ...bare, typ: 'Logout', scope: 'openid' },
  'Keycloak Serialized-ID': { ...bare, typ: 'Serialized-ID', scope: 'openid' },
  Google: { ...bare, azp: 'spa-client-1', hd: 'example.com', email_verified: true, at_hash: 'x' },
  PingFederate: { ...bare, acr: 'Single_Factor', 'pi.sri': 'session-1', nonce: 'nonce-of-the-client' },
  ForgeRock: { ...bare, tokenName: 'id_token', realm: '/', auditTrackingId: 'x', at_hash: 'x' },
  IBM: { ...bare, amr: ['password'], tenantId: 'tenant-1', realmName: 'cloudIdentityRealm', rat: NOW },
  Duende: { ...bare, nonce: 'nonce-of-the-client', idp: 'local', amr: ['pwd'], sid: 'session-1' },
  'a logout token': { ...bare, events: logoutEvents, sid: 'session-1' },
  'a logout token with a scope': { ...bare, events: logoutEvents, scope: 'openid' },
  'a security event': { ...bare, events: { 'https://schemas.openid.net/secevent/risc/x': {} }, scope: 'x' },
  'events null': { ...bare, events: null, scope: 'openid' },
  'a DPoP proof': { ...bare, htm: 'GET', htu: 'https://api.test/any', scope: 'x' },
  'a DPoP proof with htm alone': { ...bare, htm: 'GET', scope: 'x' },
  'a userinfo response': { ...bare, name: 'Ada Lovelace', email: 'ada@example.com', exp: undefined },
  'an authorization code': { ...bare, scope: 'x', redirect_uri: 'https://app.test/', code_challenge: 'y' },
  'an introspection response older than RFC 9701': { ...bare, scope: 'x', active: true, token_type: 'Bearer' },
  'an introspection response': { ...bare, scope: 'x', token_introspection: { active: true, scope: 'x' } },
  'a client registration': { ...bare, scope: 'x', redirect_uris: ['https://app.test/'] },
  'a credential': { ...bare, scope: 'x', vct: 'https://credentials.test/identity' },
  'a statement of the issuer about itself': { ...bare, scope: 'x', sub: AS1 },
  'payload typ refresh': { ...bare, scope: 'x', typ: 'refresh' },
  'token_type refresh': { ...bare, scope: 'x', token_type: 'refresh' },
  'type refresh': { ...bare, scope: 'x', type: 'refresh' },
  'use refresh': { ...bare, scope: 'x', use: 'refresh' },
  // PingAM's, whose value is a part of the code of the refusal, is in provider-matrix.test.ts.
  'Spring, a refresh token': { ...bare, scope: ['x'], ati: 'id-of-the-access-token' },
  'UAA, a refresh token': { ...bare, cid: 'c', client_id: 'c', scope: ['x'], jti: '0123456789abcdef-r' },
  'UAA, an ID token': { ...bare, cid: 'c', client_id: 'c', zid: 'uaa', scope: ['openid'], email_verified: true },
  'FusionAuth, an ID token': { ...bare, tid: 't', authenticationType: 'PASSWORD', scope: 'openid' },
  'a payload typ that nobody knows': { ...bare, scope: 'x', typ: 'reset-credentials' },
  'token_use of an unknown kind': { ...bare, token_use: 'refresh', scope: 'x' },
  'token_use null': { ...bare, token_use: null, scope: 'x' },
  'token_use in capitals': { ...bare, token_use: 'ACCESS', scope: 'x' },
  'token_use as an array': { ...bare, token_use: ['access'], scope: 'x' },
}

/** What the predicate alone would admit: no mark and no negative. */
const unmarked: Readonly<Record<string, Changes>> = {
  'an ID token of the code flow, no hash, no nonce': {
    ...bare,
    auth_time: NOW,
    azp: 'spa-client-1',
    sid: 'session-1',
  },
  Auth0: { ...bare, sid: 'session-1', nickname: 'ada', updated_at: '2026-11-01T00:00:00.000Z', name: 'Ada' },
  'Entra v2': {
    ...bare,
    ver: '2.0',
    nonce: 'nonce-of-the-client',
    oid: 'object-id-of-user',
    tid: 'tenant-1',
    rh: 'x',
    uti: 'y',
  },
  'Entra v2 without nonce': { ...bare, ver: '2.0', oid: 'object-id-of-user', tid: 'tenant-1', roles: ['Clerk'] },
  Apple: { ...bare, nonce_supported: true, is_private_email: 'true', auth_time: NOW },
  Firebase: { ...bare, user_id: 'user-1-of-as1', firebase: { sign_in_provider: 'password' }, auth_time: NOW },
  'GitHub Actions': { ...bare, repository: 'o/r', ref: 'refs/heads/main', job_workflow_ref: 'x', actor: 'ada' },
  'GitLab CI': { ...bare, project_path: 'o/r', pipeline_source: 'push', user_login: 'ada-lovelace' },
  Kubernetes: { ...bare, 'kubernetes.io': { namespace: 'default', pod: { name: 'x' } } },
  'a client assertion': { ...bare, sub: 'client-1-of-as1' },
  'a grant assertion': { ...bare, sub: 'user-1-of-as1' },
  'a JARM response': { ...bare, code: 'code-of-the-response', state: 'state-of-the-client' },
  'a userinfo response with exp': { ...bare, name: 'Ada Lovelace', email: 'ada@example.com' },
  'typ at+jwt in the payload only': { ...bare, typ: 'at+jwt' },
  'typ and alg in the payload only': { ...bare, typ: 'application/at+jwt', alg: 'RS256' },
  'a session token': { ...bare, session: 'session-1', csrf: 'csrf-token-1' },
  'a JARM response with an access token': { ...bare, scope: 'x', state: 's', access_token: 'a.b.c' },
  'a JARM response with a code, and a scope': { ...bare, scope: 'x', state: 's', code: 'code-of-the-response' },
  'payload typ in small letters': { ...bare, typ: 'bearer' },
  'client_id, azp, uid, roles, auth_time, acr and sid prove nothing': {
    ...bare,
    client_id: 'c',
    azp: 'c',
    uid: 'u',
    roles: ['r'],
    auth_time: NOW,
    acr: '1',
    sid: 's',
  },
}

const kinds = { ...marked, ...unmarked }

/** Header types that name another kind; all refused, whatever the payload says. */
const otherTypes = [
  'logout+jwt',
  'LOGOUT+JWT',
  'application/logout+jwt',
  'dpop+jwt',
  'secevent+jwt',
  'rt+jwt',
  'id_token+jwt',
  'client-authentication+jwt',
  'authorization-grant+jwt',
  'oauth-authz-req+jwt',
  'token-introspection+jwt',
  'entity-statement+jwt',
  'trust-mark+jwt',
  'resolve-response+jwt',
  'vc+jwt',
  'vp+jwt',
  'vc+ld+jwt',
  'dc+sd-jwt',
  'vc+sd-jwt',
  'kb+jwt',
  'sd-jwt',
  'oauth-id-jag+jwt',
  'jwk-set+jwt',
  'statuslist+jwt',
  'statuslist+cwt',
  'txntoken+jwt',
  'wit+jwt',
  'wpt+jwt',
  'openid4vci-proof+jwt',
  'keyattestation+jwt',
  'mdoc',
  'passport',
  'okta-internal-at+jwt',
  'JOSE',
  'JOSE+JSON',
  'JWS',
  'JWE',
  'at+JWT;charset=utf-8',
  'at+jwt; x=y',
  ' at+jwt',
  'at+jwt ',
  'at jwt',
  'at%2Bjwt',
  'at+jwtx',
  'xat+jwt',
  'at+jwt\u0000',
  'at+jw',
  'text/at+jwt',
  'application//at+jwt',
  'application/application/at+jwt',
  '/at+jwt',
  'application/',
  'application/x+at+jwt',
  'at+jwt,JWT',
  'a\u0442+jwt',
  'jwt ',
  'text/jwt',
  '__proto__',
  'constructor',
  '',
]

const custom = (answer: unknown) =>
  createWorld({
    // Callers from JavaScript may answer anything.
    options: { issuer: { issuer: AS1, profile: 'auto', isAccessToken: () => answer as boolean } },
  })
const admitting = custom(true)
const throwing = createWorld({
  options: {
    issuer: {
      issuer: AS1,
      profile: 'auto',
      isAccessToken: () => {
        throw new Error('the predicate is broken')
      },
    },
  },
})

const auto = { world: autoWorld } as const

const rows: readonly Row[] = [
  ...Object.entries(kinds).flatMap(([name, claims]) =>
    ['JWT', undefined].flatMap((typ) =>
      [AUDIENCE, 'spa-client-1'].map((aud) =>
        attack(K, `${name}, typ ${String(typ)}, aud ${aud}`, '401t', () => forge({ aud, ...claims }, { typ }), auto),
      ),
    ),
  ),
  ...Object.entries(kinds).map(([name, claims]) =>
    attack('RFC 9068 4', `${name}, typ JWT, to the strict profile`, '401t', () => forge(claims, { typ: 'JWT' })),
  ),
  ...otherTypes.flatMap((typ) => [
    attack(T, `typ ${JSON.stringify(typ)}`, '401t', () => forge({}, { typ }), auto),
    attack(T, `typ ${JSON.stringify(typ)}, to the strict profile`, '401t', () => forge({}, { typ })),
  ]),
  ...['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'application/AT+JWT', 'APPLICATION/at+jwt'].flatMap((typ) => [
    attack('RFC 9068 4', `typ ${typ}`, '200', () => forge({}, { typ }), auto),
    attack('RFC 9068 4', `typ ${typ}, to the strict profile`, '200', () => forge({}, { typ })),
  ]),
  ...['JWT', 'jwt', 'application/jwt', undefined].flatMap((typ) => [
    attack('RFC 9068 4', `typ ${String(typ)} with a scope, to the strict profile`, '401t', () => forge({}, { typ })),
    attack('our own rule', `typ ${String(typ)} with a scope: a weak mark`, '200', () => forge({}, { typ }), auto),
  ]),
  // Outside of `'rfc9068'` typ at+jwt outranks what ID tokens carry, and is outranked by what only another kind carries.
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'rat'].flatMap((name) => [
    attack('our own rule', `${name} beside typ at+jwt`, '200', () => forge({ [name]: 'x' }), auto),
    attack(
      'our own rule',
      `${name} beside token_use access`,
      '200',
      () => forge({ [name]: 'x', token_use: 'access' }, { typ: 'JWT' }),
      auto,
    ),
    attack('our own rule', `${name} beside a scope`, '401t', () => forge({ [name]: 'x' }, { typ: 'JWT' }), {
      ...auto,
      code: 'id_token_presented',
    }),
    attack('our own rule', `${name} null beside a scope`, '401t', () => forge({ [name]: null }, { typ: 'JWT' }), auto),
  ]),
  ...family(
    'beside typ at+jwt',
    'our own rule',
    {
      events: { events: {} },
      htm: { htm: 'GET' },
      htu: { htu: 'x' },
      'token_use id': { token_use: 'id' },
      'claim typ ID': { typ: 'ID' },
      'claim typ Refresh': { typ: 'Refresh' },
      'claim typ Offline': { typ: 'Offline' },
      'claim typ Logout': { typ: 'Logout' },
      'a jti of an ID token': { jti: 'ID.x' },
    },
    '401t',
    (claims) => forge(claims),
    auto,
  ),
  ...family(
    'beside typ at+jwt, to the strict profile',
    'our own rule',
    { events: { events: {} }, 'token_use id': { token_use: 'id' }, 'claim typ ID': { typ: 'ID' }, htu: { htu: 'x' } },
    '401t',
    (claims) => forge(claims),
  ),
  ...family(
    'SD-JWT',
    'RFC 6750 2.1',
    {
      'disclosures behind': (token: string) => `${token}~WyJ4IiwieSIsInoiXQ~`,
      'a key binding behind': (token: string) => `${token}~${token}`,
    },
    '401t',
    (change) => change(forge()),
    { code: 'malformed_token' },
  ),
  ...[
    'v4.public.eyJzdWIiOiJ1c2VyIn0xyz',
    'v2.local.97TTOvgwIxNGvV80XKiGZg',
    'MDAxY2xvY2F0aW9u',
    'XZ6cJVS6aG2iQuRP',
    'opaque_Token-1',
    '2YotnFZFEjr1zCsicMWpAA',
  ].map((token) =>
    attack('RFC 7515 7.1', `the opaque text ${token}`, '401t', () => token, { code: 'malformed_token' }),
  ),
  attack(
    K,
    'a client assertion, iss = sub = the client',
    '401t',
    () => forge({ ...bare, iss: 'client-1-of-as1', sub: 'client-1-of-as1' }, { typ: 'JWT' }, evil),
    { ...auto, code: 'unknown_issuer' },
  ),
  ...Object.entries({
    no: false,
    'the text true': 'true',
    one: 1,
    'an object': {},
    nothing: undefined,
    'a promise of true': Promise.resolve(true),
  }).map(([name, answer]) =>
    attack('our own rule', `the predicate answers ${name}`, '401t', () => forge(bare, { typ: 'JWT' }), {
      world: custom(answer),
      code: 'unrecognised_token_type',
    }),
  ),
  attack('our own rule', 'the predicate throws', '401t', () => forge(bare, { typ: 'JWT' }), {
    world: throwing,
  }),
  attack('our own rule', 'the predicate admits what bears no mark', '200', () => forge(bare, { typ: 'JWT' }), {
    world: admitting,
  }),
  ...Object.entries(marked).map(([name, claims]) =>
    attack(
      'our own rule',
      `the predicate admits everything, ${name} is refused still`,
      '401t',
      () => forge(claims, { typ: 'JWT' }),
      { world: admitting },
    ),
  ),
  ...['logout+jwt', 'dpop+jwt', 'JWS', 'at+jwtx'].map((typ) =>
    attack(
      'our own rule',
      `the predicate admits everything, typ ${typ} is refused still`,
      '401t',
      () => forge({}, { typ }),
      { world: admitting },
    ),
  ),
  attack(
    K,
    'a good token is not called an ID token',
    '200',
    () => forge({ aud: [goodClaims.aud, 'spa-client-1'] }),
    auto,
  ),
  attack(
    K,
    'an ID token is called one, before its audience is looked at',
    '401t',
    () => forge({ ...idToken, aud: 'spa-client-1' }, { typ: 'JWT' }),
    { ...auto, code: 'id_token_presented' },
  ),
]

threatTable('the wrong kind of JWT', rows, strictWorld)

import { autoWorld, attack, createWorld, family, strictWorld, threatTable, type Row } from './harness.js'
import { AS1, AUDIENCE, NOW, evil, forge, goodClaims, type Changes } from './tokens.js'

// Every look-alike is sent twice: with the audience of this API, which is the worst case, and with the one it would have.
// Not here: KND-07, KND-11, KND-13 and KND-48, the access tokens of the providers, are the matrix of profiles in test/spec.
// KND-16 with an issuer without https, KND-21: an issuer that is not configured is refused by name (SIG-33, CLM-14).
// KND-47 is KND-02: a company's own session token has none of the marks.

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
const kinds: Readonly<Record<string, Changes>> = {
  'KND-01 a generic ID token': idToken,
  'KND-01 an ID token without nonce': { ...idToken, nonce: undefined },
  'KND-01 an ID token without at_hash': { ...idToken, at_hash: undefined },
  'KND-01 an ID token of the code flow, no hash, no nonce': {
    ...bare,
    auth_time: NOW,
    azp: 'spa-client-1',
    sid: 'session-1',
  },
  'KND-01 an ID token of the hybrid flow': { ...bare, c_hash: 'LDktKdoQak3Pk0cnXxCltA' },
  'KND-01 an ID token with s_hash': { ...bare, s_hash: 'LDktKdoQak3Pk0cnXxCltA' },
  'KND-01 an ID token with a scope claim': { ...idToken, scope: 'openid profile' },
  'KND-01 an ID token with roles and permissions': { ...idToken, roles: ['clerk'], permissions: ['x'] },
  'KND-04 Auth0': { ...bare, sid: 'session-1', nickname: 'ada', updated_at: '2026-11-01T00:00:00.000Z', name: 'Ada' },
  'KND-06 Entra v2': {
    ...bare,
    ver: '2.0',
    nonce: 'nonce-of-the-client',
    oid: 'object-id-of-user',
    tid: 'tenant-1',
    rh: 'x',
    uti: 'y',
  },
  'KND-06 Entra v2 without nonce': { ...bare, ver: '2.0', oid: 'object-id-of-user', tid: 'tenant-1', roles: ['Clerk'] },
  'KND-09 Okta': { ...bare, ver: 1, jti: 'ID.uV2ahbYzGtXB', amr: ['pwd'], idp: 'idp-1-of-okta', at_hash: 'x' },
  'KND-09 Okta, with scp too': { ...bare, ver: 1, jti: 'ID.uV2ahbYzGtXB', cid: 'client-1', scp: ['openid'] },
  'KND-12 Cognito': { ...bare, token_use: 'id', 'cognito:username': 'ada-lovelace', 'cognito:groups': ['clerks'] },
  'KND-12 Cognito, with a scope': { ...bare, token_use: 'id', scope: 'openid' },
  'KND-14 Keycloak ID': { ...idToken, typ: 'ID', acr: '1', sid: 'session-1' },
  'KND-14 Keycloak ID with a scope': { ...bare, typ: 'ID', scope: 'openid' },
  'KND-14 Keycloak Refresh': { ...bare, typ: 'Refresh', scope: 'openid', sid: 'session-1' },
  'KND-14 Keycloak Offline': { ...bare, typ: 'Offline', scope: 'openid offline_access' },
  'KND-14 Keycloak Logout': { ...bare, typ: 'Logout', scope: 'openid' },
  'KND-14 Keycloak Serialized-ID': { ...bare, typ: 'Serialized-ID', scope: 'openid' },
  'KND-16 Google': { ...bare, azp: 'spa-client-1', hd: 'example.com', email_verified: true, at_hash: 'x' },
  'KND-17 Apple': { ...bare, nonce_supported: true, is_private_email: 'true', auth_time: NOW },
  'KND-18 Firebase': { ...bare, user_id: 'user-1-of-as1', firebase: { sign_in_provider: 'password' }, auth_time: NOW },
  'KND-19 PingFederate': { ...bare, acr: 'Single_Factor', 'pi.sri': 'session-1', nonce: 'nonce-of-the-client' },
  'KND-19 ForgeRock': { ...bare, tokenName: 'id_token', realm: '/', auditTrackingId: 'x', at_hash: 'x' },
  'KND-19 IBM': { ...bare, amr: ['password'], tenantId: 'tenant-1', realmName: 'cloudIdentityRealm', rat: NOW },
  'KND-21 GitHub Actions': { ...bare, repository: 'o/r', ref: 'refs/heads/main', job_workflow_ref: 'x', actor: 'ada' },
  'KND-21 GitLab CI': { ...bare, project_path: 'o/r', pipeline_source: 'push', user_login: 'ada-lovelace' },
  'KND-21 Kubernetes': { ...bare, 'kubernetes.io': { namespace: 'default', pod: { name: 'x' } } },
  'KND-22 Duende': { ...bare, nonce: 'nonce-of-the-client', idp: 'local', amr: ['pwd'], sid: 'session-1' },
  'KND-24 a logout token': { ...bare, events: logoutEvents, sid: 'session-1' },
  'KND-24 a logout token with a scope': { ...bare, events: logoutEvents, scope: 'openid' },
  'KND-24 a security event': { ...bare, events: { 'https://schemas.openid.net/secevent/risc/x': {} }, scope: 'x' },
  'KND-24 events null': { ...bare, events: null, scope: 'openid' },
  'KND-26 a DPoP proof': { ...bare, htm: 'GET', htu: 'https://api.test/any', scope: 'x' },
  'KND-26 a DPoP proof with htm alone': { ...bare, htm: 'GET', scope: 'x' },
  'KND-27 a client assertion': { ...bare, sub: 'client-1-of-as1' },
  'KND-28 a grant assertion': { ...bare, sub: 'user-1-of-as1' },
  'KND-29 a JARM response': { ...bare, code: 'code-of-the-response', state: 'state-of-the-client' },
  'KND-31 a userinfo response': { ...bare, name: 'Ada Lovelace', email: 'ada@example.com', exp: undefined },
  'KND-31 a userinfo response with exp': { ...bare, name: 'Ada Lovelace', email: 'ada@example.com' },
  'KND-44 typ at+jwt in the payload only': { ...bare, typ: 'at+jwt' },
  'KND-44 typ and alg in the payload only': { ...bare, typ: 'application/at+jwt', alg: 'RS256' },
  'KND-47 a session token': { ...bare, session: 'session-1', csrf: 'csrf-token-1' },
  'KND-29 a JARM response with an access token': { ...bare, scope: 'x', state: 's', access_token: 'a.b.c' },
  'KND-29 a JARM response with a code, and a scope': { ...bare, scope: 'x', state: 's', code: 'code-of-the-response' },
  'KND-30 an authorization code': { ...bare, scope: 'x', redirect_uri: 'https://app.test/', code_challenge: 'y' },
  'KND-32 an introspection response older than RFC 9701': { ...bare, scope: 'x', active: true, token_type: 'Bearer' },
  'KND-32 an introspection response': { ...bare, scope: 'x', token_introspection: { active: true, scope: 'x' } },
  'KND-33 a client registration': { ...bare, scope: 'x', redirect_uris: ['https://app.test/'] },
  'KND-34 a credential': { ...bare, scope: 'x', vct: 'https://credentials.test/identity' },
  'KND-35 a statement of the issuer about itself': { ...bare, scope: 'x', sub: AS1 },
  'KND-36 payload typ refresh': { ...bare, scope: 'x', typ: 'refresh' },
  'KND-36 token_type refresh': { ...bare, scope: 'x', token_type: 'refresh' },
  'KND-36 type refresh': { ...bare, scope: 'x', type: 'refresh' },
  'KND-36 use refresh': { ...bare, scope: 'x', use: 'refresh' },
  // PingAM's, whose value is a part of the code of the refusal, is in provider-matrix.test.ts.
  'KND-36 Spring, a refresh token': { ...bare, scope: ['x'], ati: 'id-of-the-access-token' },
  'KND-36 UAA, a refresh token': { ...bare, cid: 'c', client_id: 'c', scope: ['x'], jti: '0123456789abcdef-r' },
  'KND-37 UAA, an ID token': { ...bare, cid: 'c', client_id: 'c', zid: 'uaa', scope: ['openid'], email_verified: true },
  'KND-38 FusionAuth, an ID token': { ...bare, tid: 't', authenticationType: 'PASSWORD', scope: 'openid' },
  'KND-40 a payload typ that nobody knows': { ...bare, scope: 'x', typ: 'reset-credentials' },
  'token_use of an unknown kind': { ...bare, token_use: 'refresh', scope: 'x' },
  'token_use null': { ...bare, token_use: null, scope: 'x' },
  'token_use in capitals': { ...bare, token_use: 'ACCESS', scope: 'x' },
  'token_use as an array': { ...bare, token_use: ['access'], scope: 'x' },
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
/** What the predicate alone would admit: no mark and no negative. */
const unmarked = (name: string): boolean =>
  /KND-0[46]|KND-1[78]|KND-2[1789]|KND-31.*with exp|KND-4[47]|prove nothing|code flow|small letters/.test(name)

const rows: readonly Row[] = [
  ...Object.entries(kinds).flatMap(([name, claims]) =>
    ['JWT', undefined].flatMap((typ) =>
      [AUDIENCE, 'spa-client-1'].map((aud) =>
        attack(
          name.slice(0, 6),
          K,
          `${name.slice(7)}, typ ${String(typ)}, aud ${aud}`,
          '401t',
          () => forge({ aud, ...claims }, { typ }),
          auto,
        ),
      ),
    ),
  ),
  ...Object.entries(kinds).map(([name, claims]) =>
    attack(name.slice(0, 6), 'RFC 9068 4', `${name.slice(7)}, typ JWT, to the strict profile`, '401t', () =>
      forge(claims, { typ: 'JWT' }),
    ),
  ),
  ...otherTypes.flatMap((typ) => [
    attack('KND-22..43', T, `typ ${JSON.stringify(typ)}`, '401t', () => forge({}, { typ }), auto),
    attack('KND-22..43', T, `typ ${JSON.stringify(typ)}, to the strict profile`, '401t', () => forge({}, { typ })),
  ]),
  ...['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'application/AT+JWT', 'APPLICATION/at+jwt'].flatMap((typ) => [
    attack('KND-42', 'RFC 9068 4', `typ ${typ}`, '200', () => forge({}, { typ }), auto),
    attack('KND-42', 'RFC 9068 4', `typ ${typ}, to the strict profile`, '200', () => forge({}, { typ })),
  ]),
  ...['JWT', 'jwt', 'application/jwt', undefined].flatMap((typ) => [
    attack('KND-41', 'RFC 9068 4', `typ ${String(typ)} with a scope, to the strict profile`, '401t', () =>
      forge({}, { typ }),
    ),
    attack(
      'KND-41',
      'design.md 4',
      `typ ${String(typ)} with a scope: a weak mark`,
      '200',
      () => forge({}, { typ }),
      auto,
    ),
  ]),
  // design.md section 4: the ranks. KND-03 and CLM-43 differ from the catalogue: there is no `strictKinds`; typ at+jwt
  // outranks what ID tokens carry, and is outranked by what only another kind carries.
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'rat'].flatMap((name) => [
    attack('KND-03', 'design.md 4', `${name} beside typ at+jwt`, '200', () => forge({ [name]: 'x' }), auto),
    attack(
      'KND-03',
      'design.md 4',
      `${name} beside token_use access`,
      '200',
      () => forge({ [name]: 'x', token_use: 'access' }, { typ: 'JWT' }),
      auto,
    ),
    attack('KND-03', 'design.md 4', `${name} beside a scope`, '401t', () => forge({ [name]: 'x' }, { typ: 'JWT' }), {
      ...auto,
      code: 'id_token_presented',
    }),
    attack(
      'KND-03',
      'design.md 4',
      `${name} null beside a scope`,
      '401t',
      () => forge({ [name]: null }, { typ: 'JWT' }),
      auto,
    ),
  ]),
  ...family(
    'KND-03',
    'design.md 4',
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
    'KND-03',
    'design.md 4',
    { events: { events: {} }, 'token_use id': { token_use: 'id' }, 'claim typ ID': { typ: 'ID' }, htu: { htu: 'x' } },
    '401t',
    (claims) => forge(claims),
  ),
  ...family(
    'KND-34',
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
    attack('KND-46', 'RFC 7515 7.1', `the opaque text ${token}`, '401t', () => token, { code: 'malformed_token' }),
  ),
  attack(
    'KND-27',
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
    attack(
      'KND isAccessToken',
      'design.md 2',
      `the predicate answers ${name}`,
      '401t',
      () => forge(bare, { typ: 'JWT' }),
      {
        world: custom(answer),
        code: 'unrecognised_token_type',
      },
    ),
  ),
  attack('KND isAccessToken', 'design.md 2', 'the predicate throws', '401t', () => forge(bare, { typ: 'JWT' }), {
    world: throwing,
  }),
  attack(
    'KND isAccessToken',
    'design.md 2',
    'the predicate admits what bears no mark',
    '200',
    () => forge(bare, { typ: 'JWT' }),
    {
      world: admitting,
    },
  ),
  ...Object.entries(kinds)
    .filter(([name]) => !unmarked(name))
    .map(([name, claims]) =>
      attack(
        'KND isAccessToken',
        'design.md 2',
        `the predicate admits everything, ${name} is refused still`,
        '401t',
        () => forge(claims, { typ: 'JWT' }),
        { world: admitting },
      ),
    ),
  ...['logout+jwt', 'dpop+jwt', 'JWS', 'at+jwtx'].map((typ) =>
    attack(
      'KND isAccessToken',
      'design.md 2',
      `the predicate admits everything, typ ${typ} is refused still`,
      '401t',
      () => forge({}, { typ }),
      { world: admitting },
    ),
  ),
  attack(
    'KND-01',
    K,
    'a good token is not called an ID token',
    '200',
    () => forge({ aud: [goodClaims.aud, 'spa-client-1'] }),
    auto,
  ),
  attack(
    'KND-12',
    K,
    'an ID token is called one, before its audience is looked at',
    '401t',
    () => forge({ ...idToken, aud: 'spa-client-1' }, { typ: 'JWT' }),
    { ...auto, code: 'id_token_presented' },
  ),
]

threatTable('KND: the wrong kind of JWT', rows, strictWorld)

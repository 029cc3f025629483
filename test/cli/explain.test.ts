import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { runCli } from '../../src/cli/run-cli.js'
import { createKey, forgeToken } from '../kit/forge.js'
import { run, writeInput } from './run.js'

const ISSUER = 'https://login.example.com'
const API = 'https://api.example.com'
const now = Math.floor(Date.now() / 1000)
const key = createKey('P-256', { kid: 'key-1' })
const jwks = writeInput(JSON.stringify({ keys: [key.jwk] }))
const CLAIMS = {
  iss: ISSUER,
  aud: API,
  sub: 'user-1',
  client_id: 'app-1',
  scope: 'orders:read',
  jti: 'a',
  iat: now,
  exp: now + 300,
}

const flags = ['--issuer', ISSUER, '--audience', API, '--jwks', jwks, '--offline']
type Changes = Readonly<Record<string, unknown>>
const sign = (claims: Changes = {}, header: Changes = {}): string =>
  forgeToken({ alg: 'ES256', kid: 'key-1', typ: 'at+jwt', ...header }, { ...CLAIMS, ...claims }, key.sign)

interface Told {
  readonly verdict: string
  readonly code?: string
  readonly version: number
  readonly schema: string
  readonly causes: readonly {
    readonly check: string
    readonly code?: string
    readonly detail?: string
    readonly hint?: string
  }[]
  readonly notes: readonly { readonly name: string; readonly says: string }[]
  readonly configuration: readonly { readonly option: string; readonly from: string }[]
  readonly token: { readonly withheld: readonly string[]; readonly isSigned: boolean }
}

async function tell(input: string, more: readonly string[] = []): Promise<Told> {
  const { output } = await run(['explain', ...flags, ...more, '--json'], { input })
  return JSON.parse(output) as Told // what `--json` writes
}

describe('explain', () => {
  it('accepts a good token with 0, in lines of 80 columns without colour', async () => {
    const { exitCode, output, errors } = await run(['explain', ...flags], { input: `${sign()}\n` })
    expect(exitCode).toBe(0)
    expect(errors).toBe('')
    expect(output).toMatch(/^ACCEPTED /)
    expect(output).not.toContain('\u001b')
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("names its schema and version, who said what, and keeps back what may be a person's", async () => {
    const told = await tell(sign({ email: 'ada@example.com' }))
    expect(told).toMatchObject({ schema: 'express-resource-server/explain', version: 1, verdict: 'accepted' })
    expect(told.configuration.map(({ option, from }) => [option, from])).toEqual([
      ['issuer', '--issuer'],
      ['audience', '--audience'],
      ['profile', 'the URL of the issuer'],
      ['jwks', '--jwks'],
    ])
    expect(told.token.withheld).toEqual(['"sub"', '"jti"', '"email"'])
    expect(JSON.stringify(told)).not.toMatch(/ada@|user-1/)
  })

  it('asks about an opaque token as a request would, and says whom, as whom and what came', async () => {
    const answer = { active: true, aud: 'https://other.example', exp: now + 300, client_id: 'app-1' }
    const config = writeInput(
      `export const options = {
        issuer: {
          issuer: '${ISSUER}',
          introspection: {
            clientId: 'orders-api',
            clientAuthentication: { method: 'client_secret_post', clientSecret: 'the-secret' },
            endpoint: '${ISSUER}/introspect',
          },
        },
        audience: '${API}',
        fetch: async () => Response.json(${JSON.stringify(answer)}),
      }`,
      'mjs',
    )
    const token = 'opaque-token-0123456789'
    const { output, exitCode } = await run(['explain', '--config', config, '--json'], { input: token })
    const told = JSON.parse(output) as Told
    expect([exitCode, told.verdict, told.code]).toEqual([1, 'refused', 'wrong_audience'])
    expect(told.causes.map(({ check }) => check)).toEqual(['audience'])
    expect(told.configuration).toContainEqual({
      option: 'introspection',
      value: `opaque tokens, as client "orders-api", ${ISSUER}/introspect`,
      from: config,
    })
    expect(output).toContain(`${ISSUER}/introspect, asked as client`)
    for (const secret of [token, 'the-secret']) expect(output).not.toContain(secret)
  })

  it('lets a flag win over a module, and a module over the environment', async () => {
    const config = writeInput(`export const options = { issuer: '${ISSUER}' }\n`, 'mjs')
    const env = { OAUTH_ISSUER: 'https://other.example.com', OAUTH_AUDIENCE: 'other' }
    const args = ['explain', '--config', config, '--jwks', jwks, '--json']
    const fromVariables = JSON.parse((await run(args, { input: sign(), env })).output) as Told
    expect(fromVariables.code).toBe('wrong_audience')
    expect(fromVariables.configuration[0]).toMatchObject({ option: 'issuer', from: config })
    expect(fromVariables.configuration[1]).toMatchObject({ option: 'audience', from: 'OAUTH_AUDIENCE' })
    const { exitCode } = await run([...args, '--audience', API], { input: sign(), env })
    expect(exitCode).toBe(0)
  })

  it.each(['exports.options = OPTIONS', 'module.exports = { options: OPTIONS }', 'module.exports = OPTIONS'])(
    'takes the options of a CommonJS module: %s',
    async (code) => {
      const config = writeInput(code.replace('OPTIONS', `{ issuer: '${ISSUER}', audience: '${API}' }`), 'cjs')
      const { exitCode } = await run(['explain', '--config', config, '--jwks', jwks], { input: sign() })
      expect(exitCode).toBe(0)
    },
  )

  it.each([
    ['an unknown command', ['explian'], /Did you mean\s+"explain"/],
    ['an unknown flag', ['explain', '--isuer', ISSUER], /Did you mean --issuer/],
    ['a flag without a value', ['explain', '--issuer'], /needs a value/],
    ['a flag that came twice', ['explain', '--profile', 'okta', '--profile', 'auth0'], /came twice/],
    ['no audience', ['explain', '--issuer', ISSUER], /audience/],
    ['no token', ['explain', ...flags], /no token/],
    ['--offline without keys', ['explain', '--issuer', ISSUER, '--audience', API, '--offline'], /--jwks FILE/],
    ['a module that is not there', ['explain', '--config', './nowhere.mjs'], /could not be loaded/],
  ])('answers 64 to %s', async (_title, args, says) => {
    const { exitCode, output, errors } = await run(args)
    expect(exitCode).toBe(64)
    expect(output).toBe('')
    expect(errors).toMatch(says)
  })

  it.each([['--help'], ['help'], ['explain', '--help'], ['doctor', '-h']])('helps with %s %s', async (...args) => {
    const { exitCode, output } = await run(args.filter((one) => typeof one === 'string'))
    expect(exitCode).toBe(0)
    expect(output).toMatch(/npx express-resource-server/)
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('warns of a token in the command line, and never repeats it', async () => {
    const token = sign()
    const { exitCode, output, errors } = await run(['explain', ...flags, token])
    expect(exitCode).toBe(0)
    expect(errors).toMatch(/history/)
    for (const part of token.split('.')) expect(output + errors).not.toContain(part)
  })

  it('asks for the token when the terminal has ceased to show what is typed, and not before', async () => {
    let isRaw = false
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode(raw: boolean) {
        isRaw = raw
        return this
      },
    })
    const written = { output: '', errors: '' }
    const exitCode = await runCli(['explain', ...flags], {
      input,
      output: { write: (text: string) => (written.output += text) },
      errors: {
        write(text: string) {
          written.errors += text
          if (text.startsWith('Paste')) {
            expect(isRaw).toBe(true)
            input.write(`${sign()}\r`)
          }
        },
      },
      env: {},
    })
    expect(exitCode).toBe(0)
    expect(written.errors).toBe('Paste the token and press Enter (it is not shown): \n')
  })

  it('answers 2 while the issuer does not answer', async () => {
    const args = ['explain', '--issuer', 'http://127.0.0.1:1', '--audience', API]
    const { exitCode, output } = await run(args, { input: sign({ iss: 'http://127.0.0.1:1' }) })
    expect(exitCode).toBe(2)
    expect(output).toMatch(/^UNDECIDED {2}issuer_unavailable, HTTP 503/)
  })

  it('opens no socket with --offline, and does without', async () => {
    const connect = Reflect.get(Socket.prototype, 'connect') as () => Socket // every socket of net and tls goes by it
    let opened = 0
    Socket.prototype.connect = function count(this: Socket, ...args: unknown[]): Socket {
      opened++
      return Reflect.apply(connect, this, args) as Socket // what it returns
    }
    try {
      await run(['explain', ...flags], { input: sign() })
      await run(['explain', ...flags], { input: sign({}, { kid: 'unknown' }) })
      expect(opened).toBe(0)
      const online = ['explain', '--issuer', 'http://127.0.0.1:59999', '--audience', API]
      await run(online, { input: sign({ iss: 'http://127.0.0.1:59999' }) })
      expect(opened).toBeGreaterThan(0)
    } finally {
      Socket.prototype.connect = connect
    }
  })
})

/** Traps of the field that a token and a configuration can show: what must be named first. */
const TRAPS: readonly (readonly [string, input: string, more: readonly string[], code: string, says: RegExp])[] = [
  ['a token for another audience', sign({ aud: 'account' }), [], 'wrong_audience', /"account"; expected/],
  [
    'an ID token',
    sign({ nonce: 'n', at_hash: 'h', scope: undefined }, { typ: 'JWT' }),
    [],
    'id_token_presented',
    /access_token/,
  ],
  [
    'a token without marks',
    sign({ scope: undefined, client_id: undefined }, { typ: 'JWT' }),
    [],
    'unrecognised_token_type',
    /"profile"/,
  ],
  ['a shared secret', sign({}, { alg: 'HS256' }), [], 'algorithm_not_allowed', /shared secret/],
  [
    'an algorithm that is not allowed',
    sign({}, { alg: 'ES384' }),
    ['--algorithms', 'ES256'],
    'algorithm_not_allowed',
    /"algorithms"/,
  ],
  ['a DPoP-bound token as Bearer', sign({ cnf: { jkt: 'k' } }), [], 'key_bound_token', /bound to a key|"cnf"/],
  ['a certificate-bound token', sign({ cnf: { 'x5t#S256': 'k' } }), [], 'key_bound_token', /"cnf"/],
  ['a token in a query', `${API}/orders?access_token=${sign()}`, [], 'missing_token', /URLs are logged/],
  [
    'two tokens in one header',
    `Authorization: Bearer ${sign()} ${sign()}`,
    [],
    'malformed_credentials',
    /several words/,
  ],
  ['a withdrawn key', sign({}, { kid: 'old' }), [], 'unknown_key', /no key of that name/],
  ['a missing scope', sign(), ['--scope', 'orders:write'], 'insufficient_scope', /missing: orders:write/],
  [
    'a scope with a comma',
    sign({ scope: 'orders:read,orders:write' }),
    ['--scope', 'orders:write'],
    'insufficient_scope',
    /missing/,
  ],
  ['no exp', sign({ exp: undefined }), [], 'invalid_claims', /"exp"/],
  ['an issuer with a slash', sign({ iss: `${ISSUER}/` }), [], 'unknown_issuer', /a slash at the end only/],
  [
    'a token of Microsoft Graph',
    sign({ aud: '00000003-0000-0000-c000-000000000000' }),
    [],
    'wrong_audience',
    /Microsoft Graph/,
  ],
  [
    'a token of the org server of Okta',
    sign({}, { typ: 'application/okta-internal-at+jwt' }),
    [],
    'wrong_token_type',
    /Okta|another kind|something else/,
  ],
  [
    'an encrypted token of Auth0',
    `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`,
    [],
    'malformed_token',
    /Auth0/,
  ],
  ['an opaque token', 'k3J9xQ_opaque', [], 'malformed_token', /opaque token of 13 characters/],
  [
    'an overage of groups',
    sign({ _claim_names: { groups: 'src1' } }),
    ['--role', 'clerk'],
    'access_denied',
    /overage|_claim_names|groups/,
  ],
  ['a key in the header', sign({}, { jwk: { kty: 'EC' } }), [], 'unsupported_header', /Keys come from the issuer/],
  [
    'an expired token',
    sign({ exp: now - 3600, iat: now - 7200 }),
    [],
    'token_expired',
    /expired 3600 s ago|36\d\d s ago/,
  ],
  ['a clock that is slow', sign({ iat: now + 200 }), [], 'token_not_yet_valid', /clock/],
  [
    'a token response',
    JSON.stringify({ access_token: sign(), token_type: 'Bearer' }),
    [],
    'malformed_token',
    /whole answer/,
  ],
  ['half a token', sign().slice(0, 60), [], 'malformed_token', /Copy it whole/],
  ['a missing variable', 'undefined', [], 'malformed_token', /missing variable/],
]

describe('explain names the right cause first', () => {
  it.each(TRAPS)('%s', async (_title, input, more, code, says) => {
    const { verdict, causes, code: found } = await tell(input, more)
    expect(verdict).toBe('refused')
    expect(found).toBe(code)
    expect(causes[0]?.code).toBe(found)
    expect(`${causes[0]?.detail ?? ''} ${causes[0]?.hint ?? ''}`).toMatch(says)
  })

  it.each([
    ['shared aud', { aud: [API, 'app-1'] }],
    ['DPoP-bound', { cnf: { jkt: 'k' } }],
    ['TLS-bound', { cnf: { 'x5t#S256': 'k' } }],
    ['no user', { sub: 'app-1' }],
    ['overage', { hasgroups: true }],
    ['scope form', { scope: 'a,b' }],
    ['long life', { exp: now + 200_000 }],
  ])('notes: %s', async (name, claims) => {
    expect((await tell(sign(claims))).notes.map((note) => note.name)).toContain(name)
    expect((await tell(sign())).notes).toEqual([])
  })
})

import { ConfigurationError } from '../errors.js'
import type { Algorithm } from '../issuers/algorithms.js'
import { takeAnswer } from '../lib/take-answer.js'
import type { IssuerOptions, IssuerResolver, ResourceServerOptions } from './options.js'
import { parseOptions } from './parse-options.js'
import { issuerSchema } from './schema.js'

/** FAPI 2.0 Security Profile §5.4.1; `Ed25519` is what RFC 9864 calls EdDSA with that curve. */
const ALGORITHMS: readonly Algorithm[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519']

/** FAPI 2.0 Security Profile §5.3.2.1: times up to 10 s ahead are accepted, those over 60 s are not. */
const CLOCKS = { least: 10, most: 60 }

/**
 * Holds options against what the FAPI 2.0 Security Profile asks of a resource server, and sets what it asks for: its algorithms,
 * and tokens that are bound to a key or to a certificate, without exception.
 *
 * It does NOT do what no option can: TLS as §5.2.1 has it, and whether an authorization suffices (§5.3.4), which is what
 * `requireScope` and its like are for.
 *
 * @example
 *   app.use(
 *     requireAuth(
 *       fapi2({
 *         issuer: 'https://bank.example.com',
 *         audience: 'https://api.example.com',
 *         dpop: { origin: 'https://api.example.com' },
 *         revocation,
 *       }),
 *     ),
 *   )
 *
 * @throws {ConfigurationError} At start-up, naming the option that contradicts the profile.
 * @see {@link https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.4 | FAPI 2.0 Security Profile §5.3.4}
 */
export function fapi2<Options extends ResourceServerOptions>(options: Options): Options {
  const { dpop, mtls } = options
  checkBinding(options)
  if (options.dangerouslyAllowHttp === true) throw contradiction('"dangerouslyAllowHttp" lets others forge tokens')
  checkSeconds('clockToleranceSeconds', options.clockToleranceSeconds)
  checkSeconds('dpop.futureSeconds', dpop?.futureSeconds)
  checkAlgorithms('algorithms', options.algorithms)
  checkAlgorithms('dpop.algorithms', dpop?.algorithms)
  const issuers = listIssuers(options.issuer)
  for (const { algorithms } of issuers) checkAlgorithms('issuer.algorithms', algorithms)
  checkRevocation(options, issuers)
  return {
    ...options,
    ...(typeof options.issuer === 'function' && { issuer: holdAnswers(options.issuer) }),
    algorithms: options.algorithms ?? ALGORITHMS,
    ...(dpop && { dpop: { ...dpop, required: true, algorithms: dpop.algorithms ?? ALGORITHMS } }),
    ...(mtls && { mtls: { ...mtls, required: true } }),
  }
}

/** §5.3.4: sender-constrained tokens, by either of two ways. */
function checkBinding({ dpop, mtls }: ResourceServerOptions): void {
  if (dpop === undefined && mtls === undefined) {
    throw contradiction('tokens must be bound to a key or to a certificate of the client: set "dpop" or "mtls"')
  }
  if (dpop?.required === false || mtls?.required === false) {
    throw contradiction('no token may be bound to nothing: leave "required" out')
  }
}

/** Those that are objects: a function is asked later, and its answers are held against the profile then. */
function listIssuers(issuer: ResourceServerOptions['issuer']): readonly Partial<IssuerOptions>[] {
  if (issuer === undefined || typeof issuer === 'function') return []
  return [issuer].flat().map((one) => (typeof one === 'string' ? {} : one))
}

/** What a function answers inherits what stands beside it, and may say otherwise. */
function holdAnswers(resolver: IssuerResolver): IssuerResolver {
  const read = (found: unknown): IssuerOptions | undefined => {
    if (found === undefined) return undefined
    // Parsed, it is a copy: at the next look it cannot say something else.
    const own = parseOptions(issuerSchema, found)
    checkAlgorithms('issuer.algorithms', own.algorithms)
    return own
  }
  // Whoever asks waits no longer than for any answer.
  return (unverified) => takeAnswer(resolver(unverified), { read, deadline: undefined })
}

/** §5.3.4: "shall verify the validity, integrity, expiration and revocation status of access tokens". */
function checkRevocation({ revocation }: ResourceServerOptions, issuers: readonly Partial<IssuerOptions>[]): void {
  const areAllAsked = issuers.length > 0 && issuers.every(({ introspection }) => introspection?.tokens === 'all')
  if (revocation !== undefined || areAllAsked) return
  throw contradiction(
    'whether a token was taken back must be looked at: set "revocation", or ask about all tokens of each issuer, "introspection.tokens": "all"',
  )
}

function checkSeconds(name: string, seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= CLOCKS.least && seconds <= CLOCKS.most)) return
  throw contradiction(`"${name}" must be ${String(CLOCKS.least)} to ${String(CLOCKS.most)}`)
}

function checkAlgorithms(name: string, algorithms: readonly Algorithm[] | undefined): void {
  if (algorithms?.every((one) => ALGORITHMS.includes(one)) ?? true) return
  throw contradiction(`"${name}" may hold ${ALGORITHMS.join(', ')}, and no others`)
}

function contradiction(what: string): ConfigurationError {
  return new ConfigurationError(`These options do not keep to the FAPI 2.0 Security Profile: ${what}.`)
}

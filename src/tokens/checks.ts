import { compactVerify } from 'jose'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isFailure, type Failure } from '../errors.js'
import type { IssuerSettings, TrustedIssuer, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { checkHeader } from './check-header.js'
import { checkAge, checkExpiry, checkNotBefore, type TimeRules } from './check-times.js'
import { checkType, classifyToken, type IsAccessToken } from './classify-token.js'
import { decodeToken, type UnverifiedToken } from './decode-token.js'
import type { Profile } from './profiles/profile.js'
import { readAudience, readAuthority, type Authority } from './read-claims.js'

/** What is expected of the tokens of one issuer. */
export interface TokenIssuer extends IssuerSettings {
  /** The audiences of this API: a token needs one of them. */
  readonly audience: readonly string[]
  readonly profile: Profile
  readonly isAccessToken?: IsAccessToken | undefined
}

/** What is expected of every token. */
export interface TokenRules extends TimeRules {
  readonly issuers: TrustedIssuers<TokenIssuer>
  readonly schema: StandardSchemaV1 | undefined
}

/** What the checks have found out about a token so far. Each fact is set by one check and read by later ones. */
export interface Findings {
  decoded: UnverifiedToken
  issuer: TrustedIssuer<TokenIssuer>
  key: VerificationKey
  authority: Authority
  /** The claims as the user's schema returned them. */
  validatedClaims: unknown
}

/** One token on its way through the checks: the only thing that they change. */
export interface Examination {
  readonly token: string
  readonly rules: TokenRules
  readonly findings: Partial<Findings>
}

type Outcome = Failure | undefined

/** One rule. It answers why a token fails it, or `undefined`. */
export interface Check {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  /** Whether its outcome cannot change while the token, its issuer's settings and its key stay the same. */
  readonly lasting: boolean
  /** The findings without which it cannot run. */
  readonly needs: readonly (keyof Findings)[]
  readonly run: (examination: Examination) => Outcome | Promise<Outcome>
}

/**
 * Every check of an access token, cheap ones first, and nothing that the payload claims before the signature holds. The
 * middleware runs the list to the first failure, `explainToken` to its end.
 */
export const checks: readonly Check[] = [
  check({
    name: 'form',
    spec: 'RFC 7515 §7.1',
    lasting: true,
    run({ token, findings }) {
      const decoded = decodeToken(token)
      if (isFailure(decoded)) return decoded
      findings.decoded = decoded
      return undefined
    },
  }),
  check({
    name: 'type',
    spec: 'RFC 8725 §3.11',
    lasting: true,
    needs: ['decoded'],
    run: ({ findings: { decoded } }) => checkType(decoded.header),
  }),
  check({
    name: 'header',
    spec: 'RFC 8725 §3.10',
    lasting: true,
    needs: ['decoded'],
    run: ({ findings: { decoded } }) => checkHeader(decoded.header, decoded.claims),
  }),
  check({
    name: 'issuer',
    spec: 'RFC 9068 §4',
    needs: ['decoded'],
    run: ({ rules, findings }) => findIssuer(rules, findings),
  }),
  check({
    name: 'algorithm',
    spec: 'RFC 8725 §3.1',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings }) => (readAlgorithm(findings) === undefined ? { code: 'algorithm_not_allowed' } : undefined),
  }),
  check({
    name: 'key',
    spec: 'RFC 7515 §4.1.4',
    needs: ['decoded', 'issuer'],
    run: ({ rules, findings }) => findKey(rules, findings),
  }),
  check({
    name: 'signature',
    spec: 'RFC 7515 §5.2',
    lasting: true,
    needs: ['key'],
    run: ({ token, findings: { key } }) => checkSignature(token, key),
  }),
  check({
    name: 'kind',
    spec: 'RFC 8725 §3.12',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => classifyToken(decoded.header, decoded.claims, issuer.settings),
  }),
  check({
    name: 'claims',
    spec: 'RFC 7519 §4',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => checkClaims(decoded.claims, issuer.settings.profile),
  }),
  check({
    name: 'audience',
    spec: 'RFC 9068 §4',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run: ({ findings: { decoded, issuer } }) => checkAudience(decoded.claims, issuer.settings),
  }),
  check({
    name: 'expiry',
    spec: 'RFC 7519 §4.1.4',
    needs: ['decoded'],
    run: ({ rules, findings: { decoded } }) => checkExpiry(decoded.claims, rules),
  }),
  check({
    name: 'not before',
    spec: 'RFC 7519 §4.1.5',
    needs: ['decoded'],
    run: ({ rules, findings: { decoded } }) => checkNotBefore(decoded.claims, rules),
  }),
  check({
    name: 'age',
    spec: 'RFC 7519 §4.1.6',
    needs: ['decoded'],
    run: ({ rules, findings: { decoded } }) => checkAge(decoded.claims, rules),
  }),
  check({
    name: 'binding',
    spec: 'RFC 7800 §3.1',
    lasting: true,
    needs: ['decoded'],
    run: ({ findings: { decoded } }) =>
      Object.hasOwn(decoded.claims, 'cnf') ? { code: 'key_bound_token' } : undefined,
  }),
  check({
    name: 'authority',
    spec: 'RFC 9068 §2.2.3',
    lasting: true,
    needs: ['decoded', 'issuer'],
    run({ findings }) {
      const { profile, audience } = findings.issuer.settings
      const authority = readAuthority(findings.decoded.claims, profile, audience)
      if (isFailure(authority)) return authority
      findings.authority = authority
      return undefined
    },
  }),
  check({
    name: 'schema',
    spec: 'the option "claims"',
    needs: ['decoded'],
    run: ({ rules, findings }) => validateClaims(rules.schema, findings),
  }),
]

/** Types a check by the findings that it needs. */
function check<Need extends keyof Findings = never>(definition: {
  name: string
  spec: string
  lasting?: true
  needs?: readonly Need[]
  run: (examination: Examination & { findings: Pick<Findings, Need> }) => Outcome | Promise<Outcome>
}): Check {
  const { name, spec, lasting = false, needs = [], run } = definition
  // The runner calls `run` only when everything in `needs` has been found.
  return { name, spec, lasting, needs, run: run as Check['run'] }
}

function findIssuer({ issuers }: TokenRules, findings: Partial<Findings> & Pick<Findings, 'decoded'>) {
  const iss = ownMember(findings.decoded.claims, 'iss')
  if (typeof iss !== 'string') return unknownIssuer
  const found = issuers.find(iss)
  const settle = (issuer: TrustedIssuer<TokenIssuer> | undefined): Outcome => {
    if (issuer === undefined) return unknownIssuer
    findings.issuer = issuer
    return undefined
  }
  return found instanceof Promise ? found.then(settle) : settle(found)
}

const unknownIssuer: Failure = { code: 'unknown_issuer' }

function readAlgorithm({ decoded, issuer }: Pick<Findings, 'decoded' | 'issuer'>) {
  const alg = ownMember(decoded.header, 'alg')
  return issuer.settings.algorithms.find((algorithm) => algorithm === alg)
}

/** Finds the key. What is expired, or has no usable `exp`, is refused in any case and not worth a fetch. */
function findKey(rules: TokenRules, findings: Partial<Findings> & Pick<Findings, 'decoded' | 'issuer'>) {
  const algorithm = readAlgorithm(findings)
  if (algorithm === undefined) return unknownKey
  const kid = ownMember(findings.decoded.header, 'kid') as string | undefined // checkHeader has established it
  const dead = checkExpiry(findings.decoded.claims, rules) !== undefined
  const settle = (key: VerificationKey | undefined): Outcome => {
    if (key === undefined) return dead ? notFetched : unknownKey
    findings.key = key
    return undefined
  }
  const { keys } = findings.issuer
  const found = dead ? keys.peek({ kid, algorithm }) : keys.find({ kid, algorithm })
  return found instanceof Promise ? found.then(settle) : settle(found)
}

const unknownKey: Failure = { code: 'unknown_key' }
const notFetched: Failure = {
  code: 'invalid_signature',
  detail: 'its key is not at hand, and "exp" says that it is not worth a fetch',
}

async function checkSignature(token: string, { key, algorithm }: VerificationKey): Promise<Outcome> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return undefined
  } catch {
    // Whatever went wrong, the signature does not stand.
    return { code: 'invalid_signature' }
  }
}

/** The shape of the claims that every token may carry, and the presence of those that its profile demands. */
function checkClaims(claims: JsonObject, { requiredClaims = [], tenantClaim }: Profile): Outcome {
  const missing = requiredClaims.find((name) => !Object.hasOwn(claims, name))
  if (missing !== undefined) return { code: 'invalid_claims', detail: `"${missing}" is missing` }
  const malformed = ['sub', 'jti', 'client_id'].find(
    (name) => Object.hasOwn(claims, name) && !isNonEmptyText(claims[name]),
  )
  if (malformed !== undefined) return { code: 'invalid_claims', detail: `"${malformed}" is not a text` }
  if (tenantClaim === undefined || !Object.hasOwn(claims, tenantClaim)) return undefined
  const isOfIssuer = String(claims['iss']).split('/').includes(String(claims[tenantClaim]))
  return isOfIssuer ? undefined : { code: 'invalid_claims', detail: `"${tenantClaim}" names another tenant than "iss"` }
}

function checkAudience(claims: JsonObject, { profile, audience: expected }: TokenIssuer): Outcome {
  const audience = readAudience(claims, profile)
  if (isFailure(audience)) return audience
  return audience.some((one) => expected.includes(one)) ? undefined : { code: 'wrong_audience' }
}

async function validateClaims(
  schema: StandardSchemaV1 | undefined,
  findings: Partial<Findings> & Pick<Findings, 'decoded'>,
): Promise<Outcome> {
  if (schema === undefined) return undefined
  const result = await schema['~standard'].validate(findings.decoded.claims)
  if (result.issues !== undefined) {
    const where =
      result.issues[0]?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.') ?? ''
    return { code: 'invalid_claims', detail: `the claims do not fit the schema at "${where}"` }
  }
  findings.validatedClaims = result.value
  return undefined
}

function isNonEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

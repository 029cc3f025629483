import type { Failure } from '../errors.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import type { Auth } from './auth.js'
import { checks } from './checks.js'
import type { Check, Examination, Findings, TokenRules } from './examination.js'
import { readNumericDate } from './check-times.js'
import { MAX_TOKEN_LENGTH } from './decode-token.js'
import type { KeptFindings, VerifiedTokenCache } from './verified-token-cache.js'

/** A token that passed every check. */
export interface VerifiedToken {
  readonly auth: Auth
  /** The claims as the token holds them; those of `auth` may be what a schema made of them. */
  readonly tokenClaims: JsonObject
}

/** The checks whose outcome can change while the token, its issuer's settings and its key stay the same. */
const repeatedChecks = checks.filter(({ lasting }) => !lasting)

/**
 * Runs the checks to the first failure. With a cache, a token that passed before skips those that cannot come out otherwise;
 * whenever anything else is not as it was, all of them run again, so that the verdict is the one without a cache.
 *
 * @throws {UnavailableError} When it cannot be decided.
 */
export async function verifyToken(
  token: string,
  rules: TokenRules,
  cache: VerifiedTokenCache | undefined,
): Promise<VerifiedToken | Failure> {
  const kept = token.length <= MAX_TOKEN_LENGTH ? cache?.find(token) : undefined
  if (kept !== undefined) {
    const again = await verifyAgain(token, rules, kept)
    if (again !== undefined) return again
    cache?.drop(token)
  }
  const findings: Partial<Findings> = {}
  const failure = await runChecks(checks, { token, rules, findings })
  if (failure !== undefined) return failure
  // Every check has passed, so everything has been found.
  const found = findings as Findings
  cache?.keep(token, { ...found, validatedClaims: undefined })
  return describe(token, found, rules)
}

async function verifyAgain(token: string, rules: TokenRules, kept: KeptFindings): Promise<VerifiedToken | undefined> {
  const findings: Findings = { ...kept }
  const failure = await runChecks(repeatedChecks, { token, rules, findings })
  const asBefore = failure === undefined && findings.issuer === kept.issuer && findings.key === kept.key
  return asBefore ? describe(token, findings, rules) : undefined
}

async function runChecks(list: readonly Check[], examination: Examination): Promise<Failure | undefined> {
  for (const { run } of list) {
    const outcome = run(examination)
    const failure = outcome instanceof Promise ? await outcome : outcome
    if (failure !== undefined) return failure
  }
  return undefined
}

function describe(token: string, findings: Findings, { schema }: TokenRules): VerifiedToken {
  const { decoded, issuer, authority, validatedClaims } = findings
  const { claims, header } = decoded
  const sub = ownMember(claims, 'sub')
  const auth = {
    scheme: 'Bearer',
    issuer: issuer.settings.issuer,
    subject: typeof sub === 'string' ? sub : undefined,
    ...deepFreeze(authority),
    expiresAt: readNumericDate(claims, 'exp'),
    issuedAt: readNumericDate(claims, 'iat'),
    claims: schema === undefined ? claims : validatedClaims,
    header,
  }
  Object.defineProperty(auth, 'token', { value: token, enumerable: false })
  // `token` was just defined, `expiresAt` is a number since the expiry check, and the arrays are frozen at run time only.
  return { auth: Object.freeze(auth) as unknown as Auth, tokenClaims: claims }
}

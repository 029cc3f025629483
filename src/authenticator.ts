import { createCheckCertificate } from './binding/certificate/create-check-certificate.js'
import { createDpop, type Dpop } from './binding/dpop/create-dpop.js'
import { explainProof, type ProofRequest } from './binding/explain-proof.js'
import { createProve, type ProveSettings } from './binding/prove.js'
import { createRefuse, type Refuse } from './challenge/refuse.js'
import type { ChallengeSettings } from './challenge/write-headers.js'
import type { ResourceServerOptions } from './config/options.js'
import type { ResourceMetadata } from './config/resource-metadata.js'
import { resolveSettings, type Settings } from './config/resolve-settings.js'
import { asText, createAuthentication, type Authentication } from './decisions/authenticate.js'
import { createAuthorize, type Authorize } from './decisions/authorize.js'
import type { Judging, RefuseWith } from './decisions/judging.js'
import type { Scheme } from './errors.js'
import { introspecting } from './introspection/introspecting.js'
import { createTrustedIssuers } from './issuers/trusted-issuers.js'
import { checkedClock, secondsOf, systemStopwatch, type Clock } from './lib/clock.js'
import { createContext } from './policy/context.js'
import type { ScopeHierarchy } from './policy/scope-hierarchy.js'
import { readCredentials } from './request/read-credentials.js'
import type { FindingsSoFar, TokenRules } from './tokens/examination.js'
import { explainToken, type TokenReport } from './tokens/explain-token.js'
import { createVerifiedTokenCache } from './tokens/verified-token-cache.js'
import { TokenVerifier } from './tokens/verify-token.js'
import { explainRevocation } from './revocation/explain-revocation.js'
import { judgeOf, type RevocationJudge } from './revocation/revocation.js'

/** Judges requests and tokens, without a web framework: requests in, decisions out. */
export interface Authenticator extends Authentication {
  authorize: Authorize
  /** @param request - For a DPoP token: its proof, and what it came with. */
  explainToken(token: unknown, request?: ProofRequest): Promise<TokenReport>
  /** Makes the error for a request whose token was verified and does not suffice. */
  refuse: RefuseWith
  /** Calls back when a token is taken back; undefined where nothing can be. */
  readonly watchRevoked: RevocationJudge['watch'] | undefined
  /** The time, in seconds since the epoch. */
  readonly now: () => number
  readonly callbackTimeoutSeconds: number
  readonly scopeHierarchy: ScopeHierarchy | undefined
  /** Every token that it accepts is of one issuer. */
  readonly hasOneIssuer: boolean
  ready(): Promise<void>
  close(): void
}

/** Puts the parts together: options become settings, settings become trusted issuers and rules. */
export function createAuthenticator(options: ResourceServerOptions): Authenticator {
  const settings = resolveSettings(options, process.env)
  const clock = checkedClock(settings.clock)
  const issuers = createTrustedIssuers({
    ...settings,
    clock,
    createIntrospector: introspecting({ ...settings, clock }),
  })
  const { clockToleranceSeconds, callbackTimeoutSeconds, scopeHierarchy, revocation } = settings
  const cache = settings.cache === undefined ? undefined : createVerifiedTokenCache(settings.cache)

  const now = (): number => secondsOf(clock)
  const proofs = createProofs(settings, clock)
  const { dpop } = proofs
  const rules: TokenRules = { ...settings, issuers, dpop }
  const verifier = new TokenVerifier(rules, cache, now)
  const prove = createProve({ ...proofs, verifier })
  const schemes: readonly Scheme[] = dpop === undefined ? ['Bearer'] : ['Bearer', 'DPoP']
  const judge = revocation && judgeOf(revocation)
  const { check: checkRevoked, watch: watchRevoked, remember: rememberForRevocation } = judge ?? {}
  const read: Judging['read'] = (request) => readCredentials(request, schemes)
  const refuseWith = createRefuseWith(challengesOf(settings), dpop)
  const revoking = { checkRevoked, rememberForRevocation }
  const judging: Judging = { verifier, read, refuseWith, stopwatch: systemStopwatch, ...revoking }
  const common = { clockToleranceSeconds, callbackTimeoutSeconds, scopeHierarchy }
  return {
    ...createAuthentication({ ...judging, prove }),
    authorize: createAuthorize(judging, (verified) => createContext(now, common, verified)),
    async explainToken(presented, request) {
      const token = asText(presented)
      const findings: FindingsSoFar = {}
      const report = await explainToken(token, { now, rules, findings })
      const judged = judge === undefined ? report : explainRevocation(report, token, { ...judge, findings })
      return explainProof(judged, { ...proofs, token, findings, request, now: now() })
    },
    refuse: refuseWith,
    watchRevoked,
    now,
    callbackTimeoutSeconds,
    scopeHierarchy,
    hasOneIssuer: typeof settings.issuers !== 'function' && settings.issuers.length === 1,
    ready: async () => {
      await Promise.all([issuers.ready(), revocation?.ready()])
    },
    close: () => {
      issuers.close()
    },
  }
}

/** Sets up how whoever presents a token proves what it is bound to. */
function createProofs(settings: Settings, clock: Clock): Omit<ProveSettings, 'verifier'> {
  const { mtls, callbackTimeoutSeconds } = settings
  const { nonce, replay: store } = settings.dpop ?? {}
  const proving = { nonce, store, storeTimeoutSeconds: callbackTimeoutSeconds, clock }
  return {
    dpop: settings.dpop && createDpop({ ...settings.dpop, ...proving }),
    checkCertificate: mtls && createCheckCertificate(mtls.source),
    isRequired: settings.dpop?.required === true || mtls?.required === true,
  }
}

/** A token that is bound to a certificate comes as Bearer: that scheme is offered where both are taken. */
function challengesOf({ realm, resourceMetadata, dpop, mtls }: Settings): ChallengeSettings {
  return { realm, resourceMetadata, dpop: dpop && { ...dpop, required: dpop.required && mtls === undefined } }
}

/** Sets up how to say no, for a server and for each resource behind it whose metadata is published. */
function createRefuseWith(settings: ChallengeSettings, dpop: Dpop | undefined): RefuseWith {
  const own = createRefuse(settings)
  // By the objects that were made at start-up: there are as many as there are resources, whatever a request says.
  const others = new WeakMap<ResourceMetadata, Refuse>()
  const refuseFor = (resource: ResourceMetadata | undefined): Refuse => {
    if (resource === undefined) return own
    const { url, challengeScopes: scopes } = resource
    const known =
      others.get(resource) ?? createRefuse({ ...settings, resourceMetadata: settings.resourceMetadata ?? url, scopes })
    others.set(resource, known)
    return known
  }
  return (failure, refused, resource) => {
    const nonce = failure.code === 'use_dpop_nonce' ? dpop?.currentNonce() : undefined
    return refuseFor(resource)(failure, nonce === undefined ? refused : { ...refused, nonce })
  }
}

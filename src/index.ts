// The whole public API, in the order in which a request meets it.
export { createResourceServer, type ResourceServer } from './express/create-resource-server.js'
export { optionalAuth, requireAuth } from './express/require-auth.js'
export type { OnError, RequireAuthOptions } from './express/options.js'
export type {
  ClaimPathOptions,
  DpopOptions,
  IssuerOptions,
  IssuerResolver,
  JsonWebKeySet,
  KeyOptions,
  ScopeHierarchyOptions,
  VerifiedTokenCacheOptions,
} from './config/options.js'
export type { ClientAuthenticationOptions, IntrospectionOptions } from './config/introspection-options.js'
export { fapi2 } from './config/fapi2.js'
export type { CertificateHeaderOptions, MtlsOptions } from './config/mtls-options.js'
export type { Algorithm } from './issuers/algorithms.js'
export type { ProfileName } from './tokens/profiles/index.js'
export { protectedResourceMetadata } from './express/protected-resource-metadata.js'
export type { ResourceMetadataOptions } from './config/resource-metadata.js'

export { findAuth } from './express/find-auth.js'
export { getAuth } from './express/get-auth.js'
export type { Middleware } from './express/middleware.js'
export { createRevocation } from './revocation/create-revocation.js'
export type { BackchannelLogout, BackchannelLogoutOptions } from './revocation/backchannel-logout.js'
export type { RevocationOptions } from './revocation/options.js'
export type { RevokedSession, RevokedSubject, RevokedToken, Revocation } from './revocation/revocation.js'
export type { Auth } from './tokens/auth.js'
export type { Binding } from './tokens/key-binding.js'
export type { ProofRequest } from './binding/explain-proof.js'
export type { CheckReport, TokenReport } from './tokens/explain-token.js'

export {
  requireAnyScope,
  requireBoundToken,
  requireClaim,
  requirePolicy,
  requireRole,
  requireScope,
  requireStepUp,
} from './express/guards.js'
export { actor, type Actor } from './policy/actor.js'
export { authorizationDetails, type AuthorizationDetail } from './policy/authorization-details.js'
export { boundToken } from './policy/bound-token.js'
export { claim, type ClaimExpectation, type ClaimPath, type ExpectedClaim } from './policy/claim.js'
export { client } from './policy/client.js'
export { allOf, anyOf, not } from './policy/combine.js'
export type { Decision, Policy, PolicyContext, PolicyRequest } from './policy/decision.js'
export { appOnly, delegated } from './policy/holder.js'
export { hidden } from './policy/hidden.js'
export { open } from './policy/open.js'
export { owner } from './policy/owner.js'
export { permission } from './policy/permission.js'
export { role } from './policy/role.js'
export { anyScope, scope } from './policy/scope.js'
export { stepUp, type StepUp } from './policy/step-up.js'

export { AuthError, ConfigurationError, RefusalError, UnavailableError } from './errors.js'
export type { EventMessages, EventRequest } from './events.js'
export type { TraceMessages } from './tracing.js'
export type { ReasonCode } from './reasons.js'

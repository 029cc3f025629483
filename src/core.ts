// The public API without Express, in the order in which a request meets it.
export { createResourceServer } from './resource-server/create-resource-server.js'
export type { HttpRequest, OnExpiryOptions, ResourceServer } from './resource-server/resource-server.js'
export type {
  ClaimPathOptions,
  DpopOptions,
  IssuerOptions,
  IssuerResolver,
  JsonWebKeySet,
  KeyOptions,
  ResourceServerOptions,
  ScopeHierarchyOptions,
  VerifiedTokenCacheOptions,
} from './config/options.js'
export type { ClientAuthenticationOptions, IntrospectionOptions } from './config/introspection-options.js'
export { fapi2 } from './config/fapi2.js'
export type { CertificateHeaderOptions, MtlsOptions } from './config/mtls-options.js'
export type { Algorithm } from './issuers/algorithms.js'
export type { ProfileName } from './tokens/profiles/index.js'

export { createRevocation } from './revocation/create-revocation.js'
export type { BackchannelLogout, BackchannelLogoutOptions } from './revocation/backchannel-logout.js'
export type { RevocationOptions } from './revocation/options.js'
export type { RevokedSession, RevokedSubject, RevokedToken, Revocation } from './revocation/revocation.js'
export type { Auth } from './tokens/auth.js'
export type { Binding } from './tokens/key-binding.js'
export type { ProofRequest } from './binding/explain-proof.js'
export type { CheckReport, TokenReport } from './tokens/explain-token.js'

export { actor, type Actor } from './policy/actor.js'
export { authorizationDetails, type AuthorizationDetail } from './policy/authorization-details.js'
export { claim, type ClaimExpectation, type ClaimPath, type ExpectedClaim } from './policy/claim.js'
export { client } from './policy/client.js'
export { allOf, anyOf } from './resource-server/combine.js'
export { not } from './policy/combine.js'
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

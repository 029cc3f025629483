export { createTestIssuer, type Changes, type TestIssuer, type TestIssuerOptions } from './create-test-issuer.js'
export type { ProviderName } from './providers/index.js'
export { expectProtected, type ExpectProtectedOptions } from './expect-protected.js'

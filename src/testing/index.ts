export { createTestIssuer, type Changes, type TestIssuer, type TestIssuerOptions } from './create-test-issuer.js'
export type { ProviderName } from './providers/index.js'

export { createTestIssuer, type Changes, type TestIssuer, type TestIssuerOptions } from './create-test-issuer.js'
export { wrongProofs, type DpopRequest, type TestDpopClient, type WrongProof } from './dpop-client.js'
export type { ProviderName } from './providers/index.js'
export { expectProtected, type ExpectProtectedOptions } from './expect-protected.js'
export {
  createClientCertificate,
  type ClientCertificate,
  type ClientCertificateOptions,
} from './create-client-certificate.js'

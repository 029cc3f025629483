/** That whoever sent a request holds what its token is bound to: a key, a certificate, or both. */
export interface Binding {
  /** `'dpop'` for a key, whether or not there is a certificate as well; `'mtls'` for a certificate alone. */
  readonly method: 'dpop' | 'mtls'
  /** Of the key (RFC 7638), the `cnf.jkt` of the token; or of the certificate (RFC 8705 §3.1), its `cnf["x5t#S256"]`. */
  readonly thumbprint: string
  /** That of the certificate, where a token is bound to a key and to a certificate, and both were proved. */
  readonly certificateThumbprint?: string | undefined
}

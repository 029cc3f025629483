/** That whoever sent a request holds the key that its token is bound to. */
export interface Binding {
  readonly method: 'dpop'
  /** Of the key (RFC 7638): the `cnf.jkt` of the token. */
  readonly thumbprint: string
}

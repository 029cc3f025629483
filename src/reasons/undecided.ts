/** Why it cannot be told whether a request may pass: nobody is refused for it, and nobody gets in. */
export const undecided = {
  issuer_unavailable: {
    status: 503,
    text: 'Access tokens cannot be verified at the moment. Try again later.',
    spec: 'RFC 9110 §15.6.4',
    hint: "The issuer's metadata or keys could not be fetched, and no usable copy is left.",
  },
  introspection_unavailable: {
    status: 503,
    text: 'Access tokens cannot be verified at the moment. Try again later.',
    spec: 'RFC 7662 §2.2',
    hint: 'The introspection endpoint of the issuer did not answer, or answered what makes no sense. The detail says which.',
  },
  introspection_refused: {
    status: 503,
    text: 'Access tokens cannot be verified at the moment. Try again later.',
    spec: 'RFC 7662 §2.3',
    hint: 'The issuer does not let this API ask: look at "introspection.clientId", at its secret or key, and at what that client may do there.',
  },
  schema_unavailable: {
    status: 503,
    text: 'Access tokens cannot be verified at the moment. Try again later.',
    spec: 'RFC 9110 §15.6.4',
    hint: 'The schema in the option "claims" did not answer within "callbackTimeoutSeconds".',
  },
  policy_unavailable: {
    status: 503,
    text: 'Whether this is permitted cannot be decided at the moment. Try again later.',
    spec: 'RFC 9110 §15.6.4',
    hint: 'A policy of this API did not answer within "callbackTimeoutSeconds", or threw an UnavailableError.',
  },
  store_unavailable: {
    status: 503,
    text: 'Whether this request may pass cannot be decided at the moment. Try again later.',
    spec: 'RFC 9110 §15.6.4',
    hint: 'The store of what processes share is down, full, too slow or answers nonsense. The detail says which.',
  },
  revocation_unavailable: {
    status: 503,
    text: 'Whether the access token was revoked cannot be told at the moment. Try again later.',
    spec: 'RFC 9110 §15.6.4',
    hint: 'The store of createRevocation() could not be read, or its messages did not come for longer than "staleSeconds".',
  },
} as const

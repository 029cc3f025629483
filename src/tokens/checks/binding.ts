import { check } from '../check.js'

/** It is bound to no key: whoever holds it may present it. */
export const binding = check({
  name: 'binding',
  spec: 'RFC 7800 §3.1',
  needs: ['decoded'],
  run: ({ findings: { decoded } }) => (Object.hasOwn(decoded.claims, 'cnf') ? { code: 'key_bound_token' } : undefined),
})

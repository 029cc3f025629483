import { definePolicy, deny, grant, type Policy } from '../policy/decision.js'
import type { Auth } from '../tokens/auth.js'

type Holder = Pick<Auth<unknown>, 'issuer' | 'subject' | 'clientId' | 'binding'>

/** Grants a token of whoever held another one: of the same issuer, subject and client, and bound to the same key, or to none. */
export function sameHolder(held: Holder): Policy<unknown, unknown> {
  return definePolicy({ description: 'the holder of the connection' }, (auth) => {
    if (held.subject === undefined && held.clientId === '') return unknownHolder
    const isSame =
      auth.issuer === held.issuer &&
      auth.subject === held.subject &&
      auth.clientId === held.clientId &&
      auth.binding?.method === held.binding?.method &&
      auth.binding?.thumbprint === held.binding?.thumbprint
    return isSame ? grant : otherHolder
  })
}

const unknownHolder = deny('the token of the connection names neither a subject nor a client')
const otherHolder = deny('the connection belongs to another issuer, subject, client or key')

import type { Check } from '../check.js'
import { active } from './active.js'
import { age } from './age.js'
import { algorithm } from './algorithm.js'
import { audience } from './audience.js'
import { authority } from './authority.js'
import { binding } from './binding.js'
import { claims } from './claims.js'
import { expiry } from './expiry.js'
import { form } from './form.js'
import { header } from './header.js'
import { introspection } from './introspection.js'
import { issuer } from './issuer.js'
import { key } from './key.js'
import { kind } from './kind.js'
import { notBefore } from './not-before.js'
import { schema } from './schema.js'
import { signature } from './signature.js'
import { type } from './type.js'

/**
 * Every check of an access token, cheap ones first. Of what the payload claims, only the issuer and the expiry are judged before
 * the signature holds: what has expired is not worth a fetch, and is told so whether or not its key is at hand. The middleware
 * runs the list to the first failure, `explainToken` to its end. Of an opaque token nothing is known before its issuer was asked;
 * then it is judged as any other.
 */
export const checks: readonly Check[] = [
  form,
  introspection,
  type,
  header,
  issuer,
  algorithm,
  expiry,
  key,
  signature,
  kind,
  claims,
  audience,
  notBefore,
  age,
  binding,
  authority,
  active,
  schema,
]

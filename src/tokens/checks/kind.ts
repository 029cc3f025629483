import { deepFreeze } from '../../lib/deep-freeze.js'
import type { JsonObject } from '../../lib/strict-json.js'
import { check, type Outcome } from '../check.js'
import { classifyToken } from '../classify-token.js'
import type { TokenIssuer } from '../examination.js'
import { readClientId } from '../read-client-id.js'

/** It is an access token, and somebody's. */
export const kind = check({
  name: 'kind',
  spec: 'RFC 8725 §3.12',
  needs: ['decoded', 'issuer'],
  run({ findings: { decoded, issuer } }) {
    // From here on they are handed out, to predicates and to handlers: nobody may change them for whoever comes next.
    const header = deepFreeze(decoded.header)
    const claims = deepFreeze(decoded.claims)
    return classifyToken(header, claims, issuer.settings) ?? checkPresenter(claims, issuer.settings)
  },
})

/** By the generic rules a token is somebody's: a user's, or that of the client that got it. */
function checkPresenter(claims: JsonObject, { profile, authorityPaths }: TokenIssuer): Outcome {
  if (profile.genericMarks !== true || Object.hasOwn(claims, 'sub')) return undefined
  if (readClientId(claims, authorityPaths.clientId) !== '') return undefined
  return {
    code: 'unrecognised_token_type',
    detail:
      'it names neither a subject ("sub") nor a client. Where the client is in another claim, name that in "claimPaths".',
  }
}

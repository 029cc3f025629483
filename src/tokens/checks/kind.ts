import type { Failure } from '../../errors.js'
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
  needs: ['decoded', 'type', 'issuer'],
  run({ findings }) {
    const { decoded, type, issuer } = findings
    // From here on they are handed out, to predicates and to handlers: nobody may change them for whoever comes next.
    deepFreeze(decoded.header)
    const claims = deepFreeze(decoded.claims)
    findings.client = readClientId(claims, issuer.settings.authorityPaths.clientId)
    return classifyToken(decoded, type, issuer.settings) ?? checkPresenter(claims, findings.client, issuer.settings)
  },
})

/** By the generic rules a token is somebody's: a user's, or that of the client that got it. */
function checkPresenter(claims: JsonObject, client: string | Failure, { profile }: TokenIssuer): Outcome {
  if (profile.genericMarks !== true || Object.hasOwn(claims, 'sub')) return undefined
  if (client !== '') return undefined
  return {
    code: 'unrecognised_token_type',
    detail:
      'it names neither a subject ("sub") nor a client. Where the client is in another claim, name that in "claimPaths".',
  }
}

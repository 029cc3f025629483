import { ownMember } from '../../lib/strict-json.js'
import { check, type Outcome } from '../check.js'
import { checkActive } from './introspection.js'

/** Claims by which an answer about another token would be told. */
const NAMING_CLAIMS = ['iss', 'sub', 'jti']

/** Its issuer, where it is asked about signed tokens too, says that it is still active, and speaks of this very token. */
export const active = check({
  name: 'active',
  spec: 'RFC 7662 §2.2',
  of: 'signed',
  isWanted: ({ issuerOfOpaque }) => issuerOfOpaque !== undefined,
  needs: ['decoded', 'issuer', 'isSigned'],
  run({ token, lifetime, findings: { issuer, decoded } }) {
    if (issuer.settings.introspection?.tokens !== 'all') return undefined
    return lifetime.introspect(issuer, token).then((answer): Outcome => {
      const inactive = checkActive(answer, issuer)
      if (inactive !== undefined) return inactive
      const { claims } = answer
      const differing = NAMING_CLAIMS.find(
        (name) => Object.hasOwn(claims, name) && claims[name] !== ownMember(decoded.claims, name),
      )
      if (differing === undefined) return undefined
      return { code: 'invalid_claims', detail: `"${differing}" is another in what its issuer says of it when asked` }
    })
  },
})

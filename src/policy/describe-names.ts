import { quote, quoteAll } from '../lib/quote.js'
import type { Auth } from '../tokens/auth.js'
import type { NamePlaces } from '../tokens/token-facts.js'
import type { PolicyContext } from './decision.js'
import { describeClaim, describeOverage } from './describe-claim.js'

/** What holds the names of what a token may do. */
type Kind = 'roles' | 'permissions'

/**
 * Says which roles or permissions were looked for in which claims, and which stood there. These are names that somebody
 * configured; of no other claim the value is told. For operators.
 */
export function describeNames(
  kind: Kind,
  wanted: readonly string[],
  auth: Auth<unknown>,
  { tokenClaims, namePlaces }: Pick<PolicyContext, 'tokenClaims' | 'namePlaces'>,
): string {
  const paths = namePlaces[kind]
  const places = paths.map((keys) => describeClaim(tokenClaims, keys)).join(', ')
  const held = auth[kind]
  const parts = [
    paths.length === 0 ? describeNowhere(kind, namePlaces) : `Looked where ${kind} are: ${places}`,
    held.length === 0 ? undefined : `The token holds ${quoteAll(held)}`,
    describeNearMiss(wanted, held),
    paths.map(([first]) => describeOverage(tokenClaims, first)).find((overage) => overage !== undefined),
  ]
  return parts.filter((part) => part !== undefined).join('. ')
}

function describeNowhere(kind: Kind, { foreignRoles }: NamePlaces): string {
  return kind === 'roles' && foreignRoles !== undefined
    ? `Its "${foreignRoles}" names no audience of this API, so that its roles are another's`
    : `The profile of this issuer knows no claim that holds ${kind}: name it in "claimPaths"`
}

function describeNearMiss(wanted: readonly string[], held: readonly string[]): string | undefined {
  const bare = (name: string): string =>
    name
      .toLowerCase()
      .replace(/^(?:role_|\/)/, '')
      .trim()
  for (const one of wanted) {
    const near = held.find((name) => name !== one && bare(name) === bare(one))
    if (near !== undefined && !held.includes(one)) return `${quote(near)} is not ${quote(one)}: every character counts`
  }
  return undefined
}

import type { Findings } from './examination.js'
import type { TokenFacts } from './token-facts.js'
import { readType } from './token-type.js'
import { findTrust, type Trust } from './trust.js'
import type { KnownToken } from './verified-token-cache.js'

/** What all the checks together have found out about a token, as it is kept. */
export function readFacts(findings: Findings): TokenFacts {
  const { decoded, issuer, subject, expiresAt, issuedAt, boundTo, boundToCertificate, authority } = findings
  const { clientId, audience, scopes, roles, permissions, actsFor, namePlaces } = authority
  return {
    issuer: issuer.settings.issuer,
    subject,
    clientId,
    audience,
    scopes,
    roles,
    permissions,
    actsFor,
    namePlaces,
    expiresAt,
    boundTo,
    boundToCertificate,
    issuedAt,
    claims: decoded.claims,
    header: decoded.header,
  }
}

/** What the checks had found out about a token, for those of them that run again. */
export function findingsOf({ facts, trust }: KnownToken): Findings {
  const { audience, subject, clientId: client, expiresAt, issuedAt } = facts
  const { boundTo, boundToCertificate } = facts
  const { issuer, wanted, key } = ownTrust(trust, facts.issuer)
  const { kid, algorithm } = wanted ?? {}
  const found = { decoded: facts, type: readType(facts.header), kid, issuer, algorithm, expiresAt, wanted, key, client }
  const more = {
    subject,
    audience,
    issuedAt,
    boundTo,
    boundToCertificate,
    authority: facts,
    validatedClaims: undefined,
  }
  // Of an opaque token no key was found, and no check that runs again asks for one.
  return { ...found, ...more, routedTo: null, isCurrent: true, isSigned: true } as Findings
}

/** The check of the issuer has passed, so that it was noted; and that of its key, for a signed token. */
function ownTrust(trust: Trust | undefined, name: string): Trust {
  const own = findTrust(trust, ({ settings }) => settings.issuer === name)
  if (own === undefined) throw new TypeError('A token was remembered without its issuer.')
  return own
}

import {
  createKey,
  forgeToken,
  joinSegments,
  withoutUndefined,
  type Content,
  type ForgeKey,
  type Signer,
} from '../../kit/forge.js'

// The cast of the threats: two issuers, what each publishes, an attacker, and a good token to change.

export type Changes = Readonly<Record<string, unknown>>

export const AS1 = 'https://as1.test/'
export const AS2 = 'https://as2.test/'
export const AUDIENCE = 'https://api.test/'
/** Two tenants of Microsoft Entra ID. */
export const TENANTS = ['11111111-aaaa-4aaa-8aaa-111111111111', '22222222-bbbb-4bbb-8bbb-222222222222'] as const
export const entraIssuer = (tenant: string): string => `https://login.microsoftonline.com/${tenant}/v2.0`
/** The reading of the injected clock when a world starts, in seconds. */
export const NOW = 1_800_000_000

export const rs1 = createKey('RSA', { kid: 'rs1' })
export const rs2 = createKey('RSA', { kid: 'rs2' })
export const ps1 = createKey('RSA', { kid: 'ps1', alg: 'PS256' })
export const es1 = createKey('P-256', { kid: 'es1' })
export const es384 = createKey('P-384', { kid: 'es384' })
export const ed1 = createKey('Ed25519', { kid: 'ed1' })
/** What AS1 publishes. */
export const as1Keys: readonly ForgeKey[] = [rs1, rs2, ps1, es1, es384, ed1]

export const as2rs = createKey('RSA', { kid: 'as2-rs' })
export const as2es = createKey('P-256', { kid: 'as2-es' })
export const as2Keys: readonly ForgeKey[] = [as2rs, as2es]

/** The attacker's, published nowhere. */
export const evil = createKey('RSA', { kid: 'evil' })
export const evilEc = createKey('P-256', { kid: 'evil-ec' })

/** The header of a good token. */
export function goodHeader(by: Signer = rs1): Changes {
  return { alg: by.alg, kid: by.kid, typ: 'at+jwt' }
}

/** The claims of a good token. */
export const goodClaims = {
  iss: AS1,
  aud: AUDIENCE,
  sub: 'user-1-of-as1',
  client_id: 'client-1-of-as1',
  jti: '4f1c1a52-8f3e-4f5c-a1c2-0d5be6a0c001',
  iat: NOW,
  exp: NOW + 300,
  scope: 'orders:read',
} as const

/** A good token but for these members, signed all the same; `undefined` takes a member out. */
export function forge(claims: Changes = {}, header: Changes = {}, by: Signer = rs1): string {
  return forgeRaw(
    withoutUndefined({ ...goodHeader(by), ...header }),
    withoutUndefined({ ...goodClaims, ...claims }),
    by,
  )
}

/** Signs literal bytes, JSON or not. */
export function forgeRaw(header: Content, payload: Content, by: Signer = rs1): string {
  return forgeToken(header, payload, by.sign)
}

/** Signs two segments as they are written. */
export function signSegments(header: string, payload: string, by: Signer = rs1): string {
  return joinSegments(header, payload, by.sign)
}

/** A header text with literal members behind or before the usual ones. */
export function headerText(members: string, by: Signer = rs1): string {
  return `{"alg":"${by.alg}","kid":"${by.kid}","typ":"at+jwt",${members}}`
}

/** A payload text with literal members behind the usual ones, those named in `without` left out. */
export function payloadText(members: string, ...without: readonly (keyof typeof goodClaims)[]): string {
  const rest = Object.fromEntries(Object.entries(goodClaims).filter(([name]) => !(without as string[]).includes(name)))
  return `${JSON.stringify(rest).slice(0, -1)},${members}}`
}

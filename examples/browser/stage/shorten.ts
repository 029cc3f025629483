/** The beginning of a secret, to recognise it by, and how long it is. Of a short one nothing is shown. */
export function shorten(secret: string): string {
  if (secret.length < 16) return '...'
  return `${secret.slice(0, 6)}... (${String(secret.length)} characters)`
}

/** What may be shown of a token's claims. The others name sessions and tokens. */
const shown = ['iss', 'sub', 'aud', 'client_id', 'scope', 'iat', 'exp', 'events']
const MOST_CHARACTERS = 600

/** The claims of a JWT, not verified; undefined where the text is none. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [header = '', payload = '', ...rest] = token.split('.')
  if (rest.length !== 1) return undefined
  try {
    const { typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown> // or it throws
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown> // or it throws
    return { ...(typ === undefined ? {} : { typ }), ...claims }
  } catch {
    return undefined
  }
}

/** A secret, shortened; and below it what it says, where it is a JWT. */
export function explain(secret: string): string {
  const claims = claimsOf(secret)
  if (claims === undefined) return shorten(secret)
  const lines = ['typ', ...shown]
    .filter((name) => claims[name] !== undefined)
    .map((name) => `    ${name}: ${JSON.stringify(claims[name])}`)
  return `${shorten(secret)}, which says:\n${lines.join('\n').slice(0, MOST_CHARACTERS)}`
}

/** One challenge of a `WWW-Authenticate` field: a scheme with either a token68 or parameters. */
export interface Challenge {
  /** As it was written. */
  readonly scheme: string
  readonly token68: string | undefined
  /** By their names in lower case; the values without their quotes. */
  readonly params: ReadonlyMap<string, string>
}

const TOKEN = /[A-Za-z0-9!#$%&'*+\-.^_`|~]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=$|[ \t]*,)/y
/** Printable ASCII: stricter than RFC 9110 5.6.4, which also allows HTAB and obs-text. */
const QUOTED_STRING = /"(?:[\x20\x21\x23-\x5B\x5D-\x7E]|\\["\\])*"/y
const COMMA = /[ \t]*,[ \t]*/y
const SPACES = / +/y

/**
 * Parses the value of a `WWW-Authenticate` field as RFC 9110 11.6.1 lets a SENDER write it, and throws on everything else:
 * empty list elements, white space around `=`, characters outside printable ASCII, a backslash before anything but a quote
 * or a backslash, a token68 among parameters, a parameter that comes twice.
 *
 * Several fields are parsed by joining their values with `', '` first (RFC 9110 5.3).
 *
 * @example
 *   const [challenge] = parseChallenges('Bearer realm="api", error="invalid_token"')
 *   challenge.params.get('error') // 'invalid_token'
 */
export function parseChallenges(value: string): readonly Challenge[] {
  const read = createReader(value)
  const challenges: Challenge[] = []
  do challenges.push(readChallenge(read))
  while (!read.atEnd())
  return challenges
}

/** Parses a field that must hold one challenge, and throws when it holds more. */
export function parseChallenge(value: string): Challenge {
  const [challenge, another] = parseChallenges(value)
  if (challenge === undefined || another !== undefined) throw new SyntaxError(`Not one challenge: ${value}`)
  return challenge
}

interface Reader {
  /** Reads what the pattern matches here, or throws. */
  readonly take: (pattern: RegExp, what: string) => string
  /** Reads what the pattern matches here, if it does. */
  readonly maybe: (pattern: RegExp) => string | undefined
  readonly atEnd: () => boolean
  /** Forgets what was read since a position. */
  readonly position: () => number
  readonly backTo: (position: number) => void
}

function createReader(value: string): Reader {
  let at = 0
  const maybe = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(value)?.[0]
    at += found?.length ?? 0
    return found
  }
  return {
    maybe,
    take(pattern, what) {
      const found = maybe(pattern)
      if (found === undefined) throw new SyntaxError(`Expected ${what} at position ${String(at)} of: ${value}`)
      return found
    },
    atEnd: () => at === value.length,
    position: () => at,
    backTo(position) {
      at = position
    },
  }
}

/** Reads one challenge, and the comma behind it when another follows. */
function readChallenge(read: Reader): Challenge {
  const scheme = read.take(TOKEN, 'an auth-scheme')
  const params = new Map<string, string>()
  if (read.atEnd() || isBeforeComma(read)) {
    endElement(read)
    return { scheme, token68: undefined, params }
  }
  read.take(SPACES, 'a space behind the auth-scheme')
  const token68 = read.maybe(TOKEN68)
  if (token68 !== undefined) {
    endElement(read)
    return { scheme, token68, params }
  }
  do readParameter(read, params)
  while (endElement(read) && startsParameter(read))
  return { scheme, token68: undefined, params }
}

function readParameter(read: Reader, params: Map<string, string>): void {
  const name = read.take(TOKEN, 'the name of an auth-param').toLowerCase()
  read.take(/=/y, '"=" without white space around it')
  const quoted = read.maybe(QUOTED_STRING)
  const value = quoted?.slice(1, -1).replaceAll(/\\(.)/g, '$1') ?? read.take(TOKEN, 'a token or a quoted-string')
  if (params.has(name)) throw new SyntaxError(`The auth-param "${name}" comes twice.`)
  params.set(name, value)
}

/** Reads a comma, behind which something must follow, or makes sure that this is the end. */
function endElement(read: Reader): boolean {
  if (read.atEnd()) return false
  read.take(COMMA, 'a comma or the end')
  if (read.atEnd()) throw new SyntaxError('A comma ends the field.')
  return true
}

/** Tells an auth-param (`name=`) from the scheme of the next challenge. */
function startsParameter(read: Reader): boolean {
  const start = read.position()
  const isParameter = read.maybe(TOKEN) !== undefined && read.maybe(/=/y) !== undefined
  read.backTo(start)
  return isParameter
}

function isBeforeComma(read: Reader): boolean {
  const start = read.position()
  const comma = read.maybe(COMMA) !== undefined
  read.backTo(start)
  return comma
}

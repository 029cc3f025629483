import { quote, quoteAll } from '../../lib/quote.js'
import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import type { UnverifiedToken } from '../../tokens/decode-token.js'

/** What of a token is shown: names and values that checks go by, and only the names of the rest, which may be a person's. */
export interface Facts {
  readonly shown: readonly (readonly [name: string, value: string])[]
  /** Claims of which the values are kept back. */
  readonly withheld: readonly string[]
}

/** They say who made the token, for whom and for how long. Neither `sub` nor anything else that is a person's is here. */
const CLAIMS = ['iss', 'aud', 'azp', 'appid', 'client_id', 'cid', 'scope', 'scp', 'token_use', 'idtyp', 'ver']
const TIMES = ['iat', 'nbf', 'exp']
const HEADER = ['alg', 'typ', 'kid']
const MAX_NAMES = 40

/** Describes a token for whoever mends its configuration. */
export function describeClaims({ header, claims }: UnverifiedToken, now: number): Facts {
  const shown = [
    ['header', HEADER.flatMap((name) => describe(header, name).map((one) => one.join(' '))).join(', ')] as const,
    ...CLAIMS.flatMap((name) => describe(claims, name)),
    ...TIMES.flatMap((name) => describeTime(claims, name, now)),
  ]
  const known = new Set([...CLAIMS, ...TIMES])
  const withheld = Object.keys(claims).filter((name) => !known.has(name))
  return { shown, withheld: withheld.slice(0, MAX_NAMES).map(quote) }
}

function describe(from: JsonObject, name: string): readonly (readonly [string, string])[] {
  const value = ownMember(from, name)
  if (typeof value === 'string') return [[name, quote(value)]]
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return [[name, `[${quoteAll(value)}]`]]
  return value === undefined ? [] : [[name, 'neither a text nor a list of texts']]
}

function describeTime(claims: JsonObject, name: string, now: number): readonly (readonly [string, string])[] {
  const value = ownMember(claims, name)
  if (value === undefined) return []
  const date = typeof value === 'number' ? new Date(value * 1000) : undefined
  if (typeof value !== 'number' || date === undefined || Number.isNaN(date.getTime())) return [[name, 'no time']]
  const distance = Math.round(value - now)
  const when = distance < 0 ? `${inWords(-distance)} ago` : `in ${inWords(distance)}`
  return [[name, `${date.toISOString().replace('.000Z', 'Z')} (${when})`]]
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${String(seconds)} s`
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`
  return seconds < 172_800 ? `${String(Math.round(seconds / 3600))} h` : `${String(Math.round(seconds / 86_400))} days`
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { format } from 'node:util'
import { AS1, AS2, entraIssuer, TENANTS } from './tokens.js'

/** What a configuration may show of itself, whatever a token says. */
const PUBLIC = [
  'orders:read',
  'orders:write',
  AS1,
  AS2,
  ...TENANTS.map(entraIssuer),
  'id_token_presented',
  'invalid_token',
  'application/problem+json',
]

/**
 * What operators are told of a token: for whom it is, from whom, how it is signed, and the names of roles and permissions. All
 * of it names what is configured.
 */
const TOLD = new Set(['iss', 'aud', 'client_id', 'alg', 'roles', 'permissions'])

/** Callers are shown nothing of a token, and operators are told nothing of it but what names what is configured. */
export function expectNoLeak(tokens: readonly string[], answer: readonly string[], logged: readonly string[]): void {
  const without = (lines: readonly string[]): string =>
    PUBLIC.reduce((text, known) => text.replaceAll(known, ''), lines.join('\n'))
  const [shown, told] = [without(answer), without(logged)]
  for (const token of tokens) {
    for (const secret of [...token.split('.'), ...textsIn(token)]) expectAbsent(secret, shown)
    // A text that is told anyway is no secret where it stands once more: "sub" of a client assertion, which is its "iss".
    const issuer = textsIn(token, (name) => name === 'iss')
    const others = textsIn(token, (name) => !TOLD.has(name)).filter((text) => !issuer.includes(text))
    const named = textsIn(token, (name) => TOLD.has(name)).filter((text) => text.length >= 8 && !others.includes(text))
    const rest = named.reduce((text, one) => text.replaceAll(one, ''), told)
    for (const secret of [...token.split('.'), ...others]) expectAbsent(secret, rest)
  }
}

function expectAbsent(secret: string, haystack: string): void {
  if (secret.length >= 8 && haystack.includes(secret)) throw new Error(`${secret.slice(0, 60)} leaked: ${haystack}`)
}

/** Every text in the header and the payload of a token, or in some of their members, as far as they can be read. */
function textsIn(token: string, isMeant: (name: string) => boolean = () => true): readonly string[] {
  return token.split('.', 2).flatMap((segment) => {
    try {
      const members = JSON.parse(Buffer.from(segment, 'base64url').toString()) as unknown
      if (typeof members !== 'object' || members === null) return collectTexts(members, 40)
      return Object.entries(members).flatMap(([name, value]) => (isMeant(name) ? collectTexts(value, 40) : []))
    } catch {
      return []
    }
  })
}

function collectTexts(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth === 0) return []
  return Object.values(value).flatMap((child) => collectTexts(child, depth - 1))
}

/** Records everything that can be logged: the console, process warnings and the library's own events. */
export function openLogSink(): { readonly lines: readonly string[]; readonly close: () => void } {
  const lines: string[] = []
  const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const
  const originals = methods.map((name) => [name, console[name].bind(console)] as const)
  for (const name of methods) console[name] = (...parts: unknown[]) => lines.push(format(...parts))
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning: string | Error) => lines.push(format(warning))
  const onEvent = (message: unknown): void => void lines.push(JSON.stringify(message))
  const channels = [
    'token.accepted',
    'token.refused',
    'token.undecided',
    'access.granted',
    'access.denied',
    'keys.refreshed',
    'keys.failed',
  ]
  for (const name of channels) subscribe(`express-resource-server:${name}`, onEvent)
  return {
    lines,
    close: () => {
      for (const [name, original] of originals) console[name] = original
      process.emitWarning = emitWarning
      for (const name of channels) unsubscribe(`express-resource-server:${name}`, onEvent)
    },
  }
}

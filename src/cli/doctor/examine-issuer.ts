import { createKeyLocation, fetchKeySet } from '../../issuers/discover-keys.js'
import { importKeys, type ImportedKeys } from '../../issuers/verification-key.js'
import type { Settings } from '../../config/resolve-settings.js'
import { FetchError } from '../../lib/fetch-json.js'
import { quote } from '../../lib/quote.js'
import { withoutSecrets } from '../../lib/urls.js'
import type { TokenIssuer } from '../../tokens/examination.js'
import { describeIntrospection } from '../explain/describe-configuration.js'
import type { Finding } from './finding.js'
import { watchFetch, type Exchange } from './watch-fetch.js'

const SLOW_MILLISECONDS = 1000
const MAX_LISTED = 20
/** Clients give up sooner. */
const LONG_COOLDOWN_SECONDS = 60

/** Looks at one issuer as a request would: its metadata, its keys, its algorithms, its clock. */
export async function examineIssuer(one: TokenIssuer, settings: Settings): Promise<readonly Finding[]> {
  const { issuer, algorithms, jwks, jwksUri, introspection } = one
  const configured: Finding[] = [
    { about: 'profile', says: one.profile.name },
    { about: 'algorithms', says: `accepted are ${algorithms.join(', ')}` },
    ...(introspection === undefined ? [] : [{ about: 'introspection', says: describeIntrospection(introspection) }]),
  ]
  if (jwks !== undefined) {
    const imported = await importKeys(jwks.keys, { issuer, algorithms, source: 'configuration' })
    return [
      ...configured,
      { about: 'keys', says: 'given in the configuration: nothing is fetched' },
      ...listKeys(imported),
    ]
  }
  const { dangerouslyAllowHttp, maxBytes, clock, lifetimes } = settings
  const { fetch, exchanges } = watchFetch(settings.fetch, clock)
  const source = { issuer, jwksUri, fetch, maxBytes, dangerouslyAllowHttp }
  const signal = AbortSignal.timeout(lifetimes.timeoutSeconds * 1000)
  try {
    const place = await createKeyLocation(source, clock).find(signal, 0)
    if (jwksUri === undefined) configured.push({ about: 'metadata', mood: 'good', says: `names this very issuer` })
    const { members } = await fetchKeySet(source, place, signal)
    const imported = await importKeys(members, { issuer, algorithms, source: 'fetched' })
    return [
      ...configured,
      { about: 'jwks_uri', mood: 'good', says: withoutSecrets(place) },
      ...listKeys(imported),
      ...describeRotation(settings),
      ...describeExchanges(exchanges, settings),
    ]
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    const isAnswer = error.status !== undefined || exchanges.length > 0
    const trouble: Finding = {
      about: 'keys',
      mood: isAnswer ? 'bad' : 'unsure',
      says: error.message,
      remedy: 'Requests get 503 until this answers. If the issuer has no metadata, say where its keys are: "jwksUri".',
    }
    return [...configured, trouble, ...describeExchanges(exchanges, settings)]
  }
}

function listKeys({ keys, skipped }: ImportedKeys): readonly Finding[] {
  const used = new Map<string | undefined, string[]>()
  for (const { kid, algorithm } of keys.values()) used.set(kid, [...(used.get(kid) ?? []), algorithm])
  const good = [...used].map(([kid, algorithms]): Finding => ({
    about: 'key',
    mood: 'good',
    says: `${nameOf(kid)}: ${algorithms.join(', ')}`,
  }))
  const left = skipped.map(({ kid, problem }): Finding => ({
    about: 'key',
    says: `${nameOf(kid)}: left out, ${problem}`,
  }))
  const none: Finding = {
    about: 'keys',
    mood: 'bad',
    says: 'there is none that a token could be verified with',
    remedy: 'See why each was left out; "algorithms" says what is accepted.',
  }
  return [...(good.length === 0 ? [none] : good.slice(0, MAX_LISTED)), ...left.slice(0, MAX_LISTED)]
}

function nameOf(kid: string | undefined): string {
  return kid === undefined ? 'without "kid"' : quote(kid)
}

/** How long the tokens of a key that the issuer has just published are refused, where their kind was asked for in vain before. */
function describeRotation({ lifetimes: { cooldownSeconds } }: Settings): readonly Finding[] {
  if (cooldownSeconds <= LONG_COOLDOWN_SECONDS) return []
  const says = `a key that is not at hand is looked for every ${String(cooldownSeconds)} s only: tokens of a new one get 503 for as long`
  return [{ about: 'rotation', mood: 'bad', says, remedy: 'Leave "keys.cooldownSeconds" at its default, 30.' }]
}

function describeExchanges(exchanges: readonly Exchange[], { clockToleranceSeconds }: Settings): readonly Finding[] {
  const slow = exchanges.filter(({ milliseconds }) => milliseconds > SLOW_MILLISECONDS)
  const offsets = exchanges.flatMap(({ clockOffset }) => (clockOffset === undefined ? [] : [clockOffset]))
  const offset = offsets.sort((one, other) => Math.abs(one) - Math.abs(other))[0]
  return [
    ...slow.map(({ url, milliseconds }): Finding => {
      return { about: 'speed', says: `${withoutSecrets(url)} took ${String(milliseconds)} ms` }
    }),
    describeClock(offset, clockToleranceSeconds),
  ]
}

function describeClock(offset: number | undefined, tolerance: number): Finding {
  if (offset === undefined) return { about: 'clock', mood: 'unsure', says: 'the issuer tells no time ("Date")' }
  const distance = Math.round(Math.abs(offset))
  if (distance <= 1) return { about: 'clock', mood: 'good', says: 'the same as that of the issuer' }
  const says = `that of the issuer is ${String(distance)} s ${offset > 0 ? 'ahead of' : 'behind'} this one`
  if (distance <= tolerance)
    return { about: 'clock', says: `${says}, within the ${String(tolerance)} s that are forgiven` }
  const remedy = 'Set the clock of this machine (NTP). Tokens are refused as not yet valid, or as expired.'
  return { about: 'clock', mood: 'bad', says, remedy }
}

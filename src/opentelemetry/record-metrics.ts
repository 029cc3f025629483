import type { Attributes, Meter } from '@opentelemetry/api'
import { hear } from '../events.js'
import { createTally } from './create-tally.js'
import { codeLabel, createIssuerLabel, schemeLabel, statusLabel } from './labels.js'
import { attributes, names } from './names.js'

/** A remembered token takes microseconds, a signature a tenth of a millisecond, a load of keys seconds. */
const BOUNDARIES = [0.000_01, 0.000_1, 0.000_5, 0.001, 0.005, 0.05, 0.5, 5]

/**
 * Counts what is told, until the function that it returns is called. The value of each attribute comes from a closed list,
 * whatever anybody sends.
 */
export function recordMetrics(meter: Meter): () => void {
  const issuerLabel = createIssuerLabel()
  const { duration, attempts, refusals, loads, replays } = createInstruments(meter)

  // Of what began before anybody listened, nobody knows how long it took.
  const measure = (seconds: number | undefined, about: Attributes): void => {
    if (seconds !== undefined) duration.record(seconds, about)
  }
  const attempt = (result: string, code: string): void => {
    const label = codeLabel(code)
    attempts.add(`${result} ${label}`, () => ({ [attributes.authorizationResult]: result, [attributes.code]: label }))
  }
  const refuse = (code: string, status: number, issuer: string): void => {
    const about = { [attributes.code]: codeLabel(code), [attributes.status]: statusLabel(status) }
    refusals.add(Object.values(about).concat(issuer).join(' '), () => ({ ...about, [attributes.issuer]: issuer }))
  }
  const load = (result: string, issuer: string): void => {
    const label = issuerLabel(issuer, true)
    loads.add(`${result} ${label}`, () => ({ [attributes.loadResult]: result, [attributes.issuer]: label }))
  }

  const stops = [
    hear('token.accepted', ({ scheme, durationSeconds, isRemembered }) => {
      measure(durationSeconds, {
        [attributes.authenticationResult]: 'success',
        [attributes.authenticationScheme]: schemeLabel(scheme),
        [attributes.isRemembered]: isRemembered,
      })
    }),
    hear('token.refused', ({ code, status, issuer, isIssuerVerified, scheme, durationSeconds, isReplay, policy }) => {
      refuse(code, status, issuerLabel(issuer, isIssuerVerified))
      if (isReplay) replays.add('', () => ({}))
      if (policy !== undefined) attempt('failure', code)
      else measure(durationSeconds, describe(code === 'missing_token' ? 'none' : 'failure', scheme))
    }),
    hear('token.undecided', ({ code, status, issuer, isIssuerVerified, scheme, durationSeconds, policy }) => {
      refuse(code, status, issuerLabel(issuer, isIssuerVerified))
      if (policy !== undefined) attempt('undecided', code)
      else measure(durationSeconds, describe('undecided', scheme))
    }),
    hear('access.granted', () => {
      attempts.add('success', () => granted)
    }),
    hear('access.denied', ({ code, status, issuer, isIssuerVerified }) => {
      refuse(code, status, issuerLabel(issuer, isIssuerVerified))
      attempt('failure', code)
    }),
    hear('limit.reached', ({ code, status }) => {
      refuse(code, status, issuerLabel(undefined, false))
    }),
    hear('keys.refreshed', ({ issuer }) => {
      load('success', issuer)
    }),
    hear('keys.failed', ({ issuer }) => {
      load('failure', issuer)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
    for (const tally of [attempts, refusals, loads, replays]) tally.stop()
  }
}

const granted: Attributes = { [attributes.authorizationResult]: 'success' }

function describe(result: string, scheme: string | undefined): Attributes {
  return { [attributes.authenticationResult]: result, [attributes.authenticationScheme]: schemeLabel(scheme) }
}

function createInstruments(meter: Meter) {
  return {
    duration: meter.createHistogram(names.authenticationDuration, {
      description: 'How long judging the credentials of a request took.',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
    attempts: createTally(meter, names.authorizationAttempts, {
      description: 'How often a policy was asked.',
      unit: '{request}',
    }),
    refusals: createTally(meter, names.refusals, {
      description: 'Requests that were not granted, by the code of the refusal.',
      unit: '{request}',
    }),
    loads: createTally(meter, names.keyLoads, { description: 'Loads of keys of issuers.', unit: '{load}' }),
    replays: createTally(meter, names.proofReplays, {
      description: 'Proofs that were refused because they were used before.',
      unit: '{proof}',
    }),
  }
}

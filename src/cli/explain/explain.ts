import { createAuthenticator } from '../../authenticator.js'
import type { ResourceServerOptions } from '../../config/options.js'
import { ConfigurationError, isFailure } from '../../errors.js'
import { checkedClock, secondsOf } from '../../lib/clock.js'
import { allOf } from '../../policy/combine.js'
import type { Policy } from '../../policy/decision.js'
import { role } from '../../policy/role.js'
import { scope } from '../../policy/scope.js'
import { reasonFor } from '../../reasons.js'
import { decodeToken } from '../../tokens/decode-token.js'
import { exits, type ExitCode, type Io } from '../io.js'
import { createLayout } from '../layout.js'
import { configurationFlags } from '../option-flags.js'
import { readConfiguration, type Configuration } from '../read-configuration.js'
import type { FlagTypes, Flags } from '../read-flags.js'
import { readToken } from '../read-token.js'
import { describeClaims } from './describe-claims.js'
import { describeConfiguration } from './describe-configuration.js'
import { describeForm } from './describe-form.js'
import type { Explanation } from './explanation.js'
import { judge } from './judge.js'
import { observe } from './observe.js'
import { printExplanation } from './print-explanation.js'
import { readPasted } from './read-pasted.js'

export const explainFlags: FlagTypes = {
  ...configurationFlags,
  scope: { type: 'string', isList: true },
  role: { type: 'string', isList: true },
  offline: { type: 'boolean' },
  json: { type: 'boolean' },
}

/** Says why a request with a token is accepted or refused. */
export async function explain(flags: Flags, io: Io, warn: (text: string) => void): Promise<ExitCode> {
  const policy = readPolicy(flags)
  const configuration = await readConfiguration(flags, io.env)
  const options = flags.isSet('offline') ? withoutNetwork(configuration) : configuration.options
  const explanation = await explainPasted(await readToken(flags.positionals, io, warn), {
    configuration,
    options,
    policy,
  })
  if (flags.isSet('json')) io.output.write(`${JSON.stringify(explanation, null, 2)}\n`)
  else printExplanation(explanation, createLayout(io.output, io.env))
  return exits[explanation.verdict]
}

interface Judged {
  readonly configuration: Configuration
  readonly options: ResourceServerOptions
  readonly policy: Policy | undefined
}

async function explainPasted(text: string, { configuration, options, policy }: Judged): Promise<Explanation> {
  const pasted = readPasted(text)
  const form = describeForm(pasted.token)
  const authenticator = createAuthenticator(options)
  const { verdict, code, causes, checks } = await judge(pasted, authenticator, { form, policy })
  authenticator.close()
  const decoded = decodeToken(pasted.token)
  const now = secondsOf(checkedClock(configuration.settings.clock))
  const { shown, withheld } = isFailure(decoded) ? { shown: [], withheld: [] } : describeClaims(decoded, now)
  return {
    schema: 'express-resource-server/explain',
    version: 1,
    verdict,
    code,
    status: code === undefined ? undefined : reasonFor(code).status,
    causes,
    notes: isFailure(decoded) ? [] : observe(decoded.claims, verdict === 'accepted'),
    configuration: describeConfiguration(configuration),
    token: {
      form: form.form,
      says: form.says,
      isSigned: checks.some(({ name, outcome }) => name === 'signature' && outcome === 'passed'),
      facts: shown.map(([name, value]) => ({ name, value })),
      withheld,
    },
    checks,
  }
}

function readPolicy(flags: Flags): Policy | undefined {
  const [scopes, roles] = [flags.texts('scope'), flags.texts('role')]
  const policies = [
    ...(scopes === undefined ? [] : [scope(...scopes)]),
    ...(roles === undefined ? [] : [role(...roles)]),
  ]
  return policies.length === 0 ? undefined : allOf(...policies)
}

/**
 * Takes away every way to the network that is ours. What a function of the user's does, an issuer resolver say, is its own.
 *
 * @throws {ConfigurationError} Where keys would have to be fetched.
 */
function withoutNetwork({ options, settings: { issuers } }: Configuration): ResourceServerOptions {
  if (typeof issuers !== 'function' && issuers.some(({ jwks }) => jwks === undefined)) {
    throw new ConfigurationError(
      'With --offline nothing is fetched, so that the keys must be given: --jwks FILE, with what the issuer answers at its "jwks_uri".',
    )
  }
  return { ...options, fetch: () => Promise.reject(new TypeError('Nothing is fetched with --offline.')) }
}

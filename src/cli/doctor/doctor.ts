import { ConfigurationError } from '../../errors.js'
import { exits, type ExitCode, type Io } from '../io.js'
import { createLayout, type Layout } from '../layout.js'
import { configurationFlags } from '../option-flags.js'
import { readConfiguration, type Configuration } from '../read-configuration.js'
import type { FlagTypes, Flags } from '../read-flags.js'
import { describeConfiguration } from '../explain/describe-configuration.js'
import { examineApi } from './examine-api.js'
import { examineApp } from './examine-app.js'
import { examineEnvironment } from './examine-environment.js'
import { examineIssuer } from './examine-issuer.js'
import type { Finding } from './finding.js'

/** What `--json` writes. A member that changes its meaning gets another `version`. */
export interface Examination {
  readonly schema: 'express-resource-server/doctor'
  readonly version: 1
  readonly verdict: 'fine' | 'wrong' | 'undecided'
  readonly sections: readonly Section[]
}

interface Section {
  readonly title: string
  readonly findings: readonly Finding[]
}

export const doctorFlags: FlagTypes = {
  ...configurationFlags,
  url: { type: 'string' },
  origin: { type: 'string' },
  except: { type: 'string', isList: true },
  json: { type: 'boolean' },
}

const ORIGIN = 'https://app.example.com'

/** Looks at a configuration and its issuers, at an API from outside, or at the routes of an app: whatever was named. */
export async function doctor(flags: Flags, io: Io): Promise<ExitCode> {
  const examination = conclude(await examine(flags, io))
  if (flags.isSet('json')) io.output.write(`${JSON.stringify(examination, null, 2)}\n`)
  else print(examination, createLayout(io.output, io.env))
  return { fine: exits.accepted, wrong: exits.refused, undecided: exits.undecided }[examination.verdict]
}

async function examine(flags: Flags, { env }: Io): Promise<readonly Section[]> {
  const [module, ...others] = flags.positionals
  if (others.length > 0) throw new ConfigurationError('One module at a time: doctor ./app.js.')
  const url = flags.text('url')
  const isConfigured = Object.keys(configurationFlags).some((name) => flags.isSet(name))
  const isAlone = module === undefined && url === undefined
  const configuration = isConfigured || isAlone ? await readConfiguration(flags, env) : undefined
  return [
    ...(configuration === undefined ? [] : await examineConfiguration(configuration, env)),
    ...(url === undefined ? [] : [await examineFromOutside(url, flags, configuration)]),
    ...(module === undefined ? [] : [{ title: 'Routes', findings: await examineApp(module, flags.texts('except')) }]),
  ]
}

async function examineFromOutside(url: string, flags: Flags, configuration?: Configuration): Promise<Section> {
  const { issuers } = configuration?.settings ?? {}
  const names = typeof issuers === 'function' ? undefined : issuers?.map(({ issuer }) => issuer)
  const findings = await examineApi({ url, origin: flags.text('origin') ?? ORIGIN, issuers: names })
  return { title: 'From outside', findings }
}

async function examineConfiguration(configuration: Configuration, env: Io['env']): Promise<readonly Section[]> {
  const { settings } = configuration
  const settled = describeConfiguration(configuration).map(({ option, value, from }) => ({
    about: option,
    says: `${value} (${from})`,
  }))
  const sections: Section[] = [
    { title: 'Configuration', findings: settled },
    { title: 'Environment', findings: examineEnvironment(env) },
  ]
  if (typeof settings.issuers === 'function') return sections
  for (const one of settings.issuers) {
    sections.push({ title: `Issuer ${one.issuer}`, findings: await examineIssuer(one, settings) })
  }
  return sections
}

function conclude(sections: readonly Section[]): Examination {
  const moods = sections.flatMap(({ findings }) => findings.map(({ mood }) => mood))
  const verdict = moods.includes('bad') ? 'wrong' : moods.includes('unsure') ? 'undecided' : 'fine'
  return { schema: 'express-resource-server/doctor', version: 1, verdict, sections }
}

const MARKS = { good: 'ok', bad: 'WRONG', unsure: 'UNSURE' } as const

function print({ verdict, sections }: Examination, layout: Layout): void {
  for (const { title, findings } of sections) {
    layout.heading(title)
    for (const [at, { about, mood, says, remedy }] of findings.entries()) {
      layout.row(about, mood === undefined || mood === 'good' ? says : `${MARKS[mood]}: ${says}`, mood)
      // What helps against several is said once, below them.
      if (remedy !== undefined && remedy !== findings[at + 1]?.remedy) layout.row('', remedy)
    }
  }
  const bad = sections.flatMap(({ findings }) => findings).filter(({ mood }) => mood === 'bad').length
  if (verdict === 'fine') layout.summary('FINE', 'good', 'Nothing that was looked at is wrong.')
  else if (verdict === 'wrong') layout.summary('WRONG', 'bad', `${String(bad)} to be mended, above.`)
  else layout.summary('UNDECIDED', 'unsure', 'Somebody did not answer, or not as expected: above.')
}

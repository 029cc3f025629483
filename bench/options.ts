import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { contenders } from './contenders.js'
import { workloads } from './results.js'
import type { Settings } from './settings.js'
import { suites, type Suite } from './suites/index.js'
import { algorithms } from './tokens/keys.js'

const suiteNames = Object.keys(suites) as readonly Suite[] // written there, by name

/** What the command line asks for. */
export interface Options extends Settings {
  readonly suites: readonly Suite[]
  /** Another commit of ours to be measured beside. */
  readonly against: string | undefined
  /** Earlier results to be shown, instead of measuring. */
  readonly from: string | undefined
  readonly publish: boolean
  /** Whether what is counted is held against bench/expected.json, or written there. */
  readonly hold: 'check' | 'accept' | undefined
}

/** What holds where nothing else is said. */
interface Preset {
  readonly suites: readonly Suite[]
  readonly rounds: string
  readonly seconds: string
  readonly warmUp: string
  readonly contenders: string | undefined
  readonly algorithms: string | undefined
}

const usual: Preset = {
  suites: suiteNames,
  rounds: '7',
  seconds: '4',
  warmUp: '10000',
  contenders: undefined,
  algorithms: undefined,
}

/** At most five minutes, on two cores. What noise cannot blur comes first. */
const quick: Preset = {
  suites: ['counts', 'process', 'refuse', 'http'],
  rounds: '3',
  seconds: '1',
  warmUp: '3000',
  contenders: 'ours,express-oauth2-jwt-bearer,jose,fast-jwt-pem,bare',
  algorithms: 'RS256',
}

/** Only ours is written down. */
const held: Preset = { ...usual, suites: ['counts'], contenders: 'ours' }

export const help = `npm run bench -- [suite ...] [options]

Suites, all of them without one named: ${suiteNames.join(', ')}

  --rounds N            rounds of each measurement (7)
  --seconds N           seconds of each measurement (4)
  --warm-up N           requests before each that are not counted (10000)
  --contenders A,B      only these, beside "none": ${contenders.map(({ id }) => id).join(', ')}
  --workloads A,B       only these: ${workloads.join(', ')}
  --algorithms A,B      only these: ${algorithms.join(', ')}
  --cases TEXT          counts only the cases with this in the name of their group
  --quick               a look at all in five minutes, what no noise can blur first
  --pin                 the server on one core, the load on another, where there is taskset (util-linux)
  --check               counts ours, and fails where a figure is more than a tenth over bench/expected.json; a minute
  --accept              counts ours, and writes it there
  --against COMMIT      builds that commit of ours and measures it beside this one, and nobody else
  --from FILE           shows results that were written earlier, and measures nothing
  --publish             writes bench/published/bench.md, .svg and .json
  --help

A quick look: npm run bench -- http --rounds 3 --seconds 2 --contenders ours,jose --workloads one
`

/**
 * Reads the command line.
 *
 * @throws {Error} With what to write instead.
 */
export function readOptions(args: readonly string[]): Options | 'help' {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: text,
      seconds: text,
      'warm-up': text,
      contenders: text,
      workloads: text,
      algorithms: text,
      cases: { ...text, default: '' },
      against: text,
      from: text,
      quick: flag,
      pin: flag,
      check: flag,
      accept: flag,
      publish: flag,
      help: flag,
    },
  })
  if (values.help) return 'help'
  const hold = values.accept ? 'accept' : values.check ? 'check' : undefined
  const preset = hold !== undefined ? held : values.quick ? quick : usual
  const ids = contenders.map(({ id }) => id)
  const chosen = choose('contenders', values.contenders ?? preset.contenders, ids)
  return {
    root: fileURLToPath(new URL('..', import.meta.url)),
    suites: positionals.length === 0 ? preset.suites : choose('suite', positionals.join(','), suiteNames),
    rounds: readNumber('--rounds', values.rounds ?? preset.rounds, { least: 1, most: 100 }),
    seconds: readNumber('--seconds', values.seconds ?? preset.seconds, { least: 0.5, most: 60 }),
    warmUpRequests: readNumber('--warm-up', values['warm-up'] ?? preset.warmUp, { least: 100, most: 1_000_000 }),
    contenders: contenders.filter(({ id }) => id === 'none' || chosen.includes(id)),
    workloads: choose('--workloads', values.workloads, workloads),
    algorithms: choose('--algorithms', values.algorithms ?? preset.algorithms, algorithms),
    cases: values.cases,
    against: values.against,
    from: values.from,
    publish: values.publish,
    pin: values.pin,
    hold,
  }
}

function choose<Name extends string>(
  option: string,
  list: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (list === undefined) return known
  const wanted = list.split(',')
  const unknown = wanted.filter((name) => !known.some((one) => one === name))
  if (unknown.length > 0)
    throw new Error(`${option}: there is no ${unknown.join(', ')}. There are ${known.join(', ')}.`)
  return known.filter((name) => wanted.includes(name))
}

function readNumber(option: string, value: string, { least, most }: { least: number; most: number }): number {
  const number = Number(value)
  if (number >= least && number <= most) return number
  throw new Error(`${option} takes a number from ${String(least)} to ${String(most)}, not "${value}".`)
}

import { reasonFor } from '../../reasons.js'
import type { Layout, Mood } from '../layout.js'
import type { Cause } from './judge.js'
import type { Explanation } from './explanation.js'

const MOODS: Readonly<Record<Explanation['verdict'], Mood>> = { accepted: 'good', refused: 'bad', undecided: 'unsure' }

/** Writes an explanation for people: what decides first, then what to do, then what it rests on. */
export function printExplanation(explanation: Explanation, layout: Layout): void {
  const { causes, notes, configuration, checks, token } = explanation
  const [first, ...others] = causes
  layout.verdict(explanation.verdict.toUpperCase(), MOODS[explanation.verdict], answerOf(explanation))
  if (first !== undefined) printCause(first, checks, layout)
  if (others.length > 0) layout.heading('And then')
  for (const { check, code, detail } of others) layout.row(check, `${code ?? 'error'}: ${detail ?? textOf(code)}`)
  if (notes.length > 0) layout.heading('Also')
  for (const { name, says } of notes) layout.row(name, says)
  layout.heading('Judged by')
  for (const { option, value, from } of configuration) layout.row(option, `${value} (${from})`)
  printToken(token, layout)
}

function answerOf({ verdict, code, status = 500 }: Explanation): string {
  if (verdict === 'accepted') return 'A request with it gets in. What a route asks for: --scope, --role.'
  return `${code ?? 'error'}, HTTP ${String(status)}`
}

function printCause({ check, detail, hint, code, spec }: Cause, checks: Explanation['checks'], layout: Layout): void {
  layout.row('Why', detail ?? textOf(code), 'bad')
  if (hint !== undefined) layout.row('What to do', hint, 'good')
  const place = checks.findIndex(({ name }) => name === check)
  const before = place > 0 ? ` (passed before it: ${listNames(checks.slice(0, place))})` : ''
  layout.row('Check', `${check}, ${spec.replaceAll('\u00a7', 'section ')}${before}`)
}

function printToken({ says, isSigned, facts, withheld }: Explanation['token'], layout: Layout): void {
  layout.heading(`The token: ${says}${isSigned ? '' : facts.length > 0 ? ', NOT verified' : ''}`)
  for (const { name, value } of facts) layout.row(name, value)
  if (withheld.length > 0) layout.row('not shown', withheld.join(', '))
}

function textOf(code: Cause['code']): string {
  return code === undefined
    ? 'a function of yours threw, and a request would end in an error 500'
    : reasonFor(code).text
}

function listNames(checks: Explanation['checks']): string {
  return checks
    .filter(({ outcome }) => outcome === 'passed')
    .map(({ name }) => name)
    .join(', ')
}

import { dark, light, type Inks } from '../../tools/inks.js'

/** Ours stands out; the others are the same three colours, paler. */
type Colours = Inks & Readonly<Record<'one' | 'zipf' | 'distinct', readonly [ours: string, others: string]>>

/** Everything that the picture needs to look like itself: no font and no file is loaded. */
export const styleSheet = [
  '<style>',
  'text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 12px }',
  '.title { font-size: 19px; font-weight: 600 } .subtitle { font-size: 14px } .label { font-weight: 700 }',
  '.tick, .value { font-size: 11px } .end { text-anchor: end } .middle { text-anchor: middle }',
  rulesFor({
    ...light,
    one: ['#0550ae', '#7d9fcb'],
    zipf: ['#4493f8', '#a9cbf7'],
    distinct: ['#d9771a', '#efc596'],
  }),
  `@media (prefers-color-scheme: dark) {\n${rulesFor({
    ...dark,
    one: ['#4493f8', '#28508a'],
    zipf: ['#86bdf5', '#4f6b88'],
    distinct: ['#f0a33c', '#85602f'],
  })}\n}`,
  '</style>',
].join('\n')

function rulesFor({ paper, ink, faint, rule, ...colours }: Colours): string {
  const bars = (['one', 'zipf', 'distinct'] as const).map((name) => {
    const [ours, others] = colours[name]
    return `.${name} { fill: ${others} } .${name}.ours { fill: ${ours} }`
  })
  return [
    `.paper { fill: ${paper} } .title, .subtitle, .label, .name, .value { fill: ${ink} } .key, .tick { fill: ${faint} }`,
    `.grid { stroke: ${rule} } .bare, .spread { stroke: ${ink} }`,
    ...bars,
  ].join('\n')
}

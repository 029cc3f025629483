import { dark, light, type Inks } from '../../tools/inks.js'

type Colours = Inks & Readonly<Record<'one' | 'zipf' | 'distinct', string>>

/** Everything that the picture needs to look like itself: no font and no file is loaded. */
export const styleSheet = [
  '<style>',
  'text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 12px }',
  '.title { font-size: 19px; font-weight: 600 } .subtitle { font-size: 14px } .label { font-weight: 700 }',
  '.tick, .value { font-size: 11px } .end { text-anchor: end } .middle { text-anchor: middle }',
  '.one, .zipf, .distinct { opacity: 0.55 } .ours { opacity: 1 }',
  rulesFor({ ...light, one: '#0550ae', zipf: '#4493f8', distinct: '#e08a1e' }),
  `@media (prefers-color-scheme: dark) {\n${rulesFor({ ...dark, one: '#4493f8', zipf: '#9ecbff', distinct: '#f0a33c' })}\n}`,
  '</style>',
].join('\n')

function rulesFor({ paper, ink, faint, rule, one, zipf, distinct }: Colours): string {
  return [
    `.paper { fill: ${paper} } .title, .subtitle, .label, .name, .value { fill: ${ink} } .key, .tick { fill: ${faint} }`,
    `.grid { stroke: ${rule} } .bare, .spread { stroke: ${ink} }`,
    `.one { fill: ${one} } .zipf { fill: ${zipf} } .distinct { fill: ${distinct} }`,
  ].join('\n')
}

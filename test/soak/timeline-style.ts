import * as inks from '../../tools/inks.js'

interface Colours extends inks.Inks {
  readonly accepted: string
  readonly refused: string
  readonly unavailable: string
  readonly wrong: string
  readonly outage: string
  readonly fault: string
  readonly flood: string
  readonly heap: string
}

const light: Colours = {
  ...inks.light,
  accepted: '#74c69d',
  refused: '#8fa3bf',
  unavailable: '#f2a541',
  wrong: '#d1242f',
  outage: '#f6c6c1',
  fault: '#8c1d13',
  flood: '#c5b3e6',
  heap: '#0969da',
}

const dark: Colours = {
  ...inks.dark,
  accepted: '#2d8a5f',
  refused: '#56698a',
  unavailable: '#d98a1f',
  wrong: '#ff5c57',
  outage: '#6b241f',
  fault: '#ffd2cc',
  flood: '#6a4fa3',
  heap: '#58a6ff',
}

/** Everything that the picture needs to look like itself: no font and no file is loaded. */
export const styleSheet = [
  '<style>',
  'text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 12px }',
  '.title { font-size: 19px; font-weight: 600 } .subtitle { font-size: 14px } .heading, .label { font-weight: 600 }',
  '.tick { font-size: 11px } .fault { font-size: 10.5px } .end { text-anchor: end } .middle, .fault { text-anchor: middle }',
  '.grid { stroke-opacity: 0.5 } .shade { fill-opacity: 0.16 } .heap { fill: none; stroke-width: 2 }',
  '.bound { stroke-dasharray: 3 3 } .fetch { stroke-width: 1.2 } .kept, .withdrawn { stroke-width: 1.6 }',
  rulesFor(light),
  `@media (prefers-color-scheme: dark) {\n${rulesFor(dark)}\n}`,
  '</style>',
].join('\n')

function rulesFor(colours: Colours): string {
  const { paper, ink, faint, rule, outage, fault, flood, heap } = colours
  const layers = (['accepted', 'refused', 'unavailable', 'wrong'] as const).map(
    (name) => `.${name} { fill: ${colours[name]} }`,
  )
  return [
    `.paper { fill: ${paper} } .title, .subtitle, .heading, .label, .note { fill: ${ink} } .key, .tick { fill: ${faint} }`,
    `.grid, .lane { stroke: ${rule} } .bound { stroke: ${ink} } .outage, .shade { fill: ${outage} } .fault { fill: ${fault} }`,
    `.flood { fill: ${flood} } .heap, .fetch { stroke: ${heap} }`,
    `.kept { fill: ${paper}; stroke: ${ink} } .withdrawn { fill: ${ink}; stroke: ${ink} }`,
    layers.join(' '),
  ].join('\n')
}

/** The few shapes that a chart needs, as SVG text. Colours are classes: the style sheet knows light and dark. */

type Attributes = Readonly<Record<string, string | number | undefined>>

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(typeof value === 'number' ? round(value) : String(value))}"`)
    .join('')
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

export function rect(box: Box, cssClass: string, tooltip?: string): string {
  const title = tooltip === undefined ? '' : element('title', {}, escape(tooltip))
  return element('rect', { ...box, class: cssClass }, title)
}

export function line(from: readonly [number, number], to: readonly [number, number], cssClass: string): string {
  return element('line', { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: cssClass })
}

export function text(at: readonly [number, number], content: string, cssClass: string): string {
  return element('text', { x: at[0], y: at[1], class: cssClass }, escape(content))
}

/** A closed shape, or an open line, through points. */
export function path(
  points: readonly (readonly [number, number])[],
  { closed, cssClass }: { closed: boolean; cssClass: string },
): string {
  const steps = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`)
  return element('path', { d: `${steps.join('')}${closed ? 'Z' : ''}`, class: cssClass })
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

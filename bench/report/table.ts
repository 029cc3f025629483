import type { Spread } from '../statistics.js'

/** A table in Markdown; all columns but the first hold figures. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

/** The median, and between which values eight of ten rounds were. */
export function spread({ median, p10, p90 }: Spread, digits: number): string {
  if (Number.isNaN(median)) return '-'
  return `${median.toFixed(digits)} (${p10.toFixed(digits)} to ${p90.toFixed(digits)})`
}

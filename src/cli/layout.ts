import { styleText } from 'node:util'
import type { Output } from './io.js'

const WIDTH = 80
const MIN_WIDTH = 40

/** Writes headings and rows for people: at most 80 columns, in colour on a terminal only. */
export interface Layout {
  /** A heading that says how it went. */
  verdict(word: string, mood: Mood, rest: string): void
  /** The same at the end. */
  summary(word: string, mood: Mood, rest: string): void
  heading(text: string): void
  /** A name, and what is to be said of it, wrapped beside it. */
  row(name: string, text: string, mood?: Mood): void
}

export type Mood = 'good' | 'bad' | 'unsure'

const COLOURS = { good: 'green', bad: 'red', unsure: 'yellow' } as const
const NAME_WIDTH = 12

/** Makes a layout for where it is written to. `NO_COLOR` turns colours off, https://no-color.org. */
export function createLayout(output: Output, env: Readonly<Record<string, string | undefined>>): Layout {
  const width = Math.max(MIN_WIDTH, Math.min(WIDTH, output.columns ?? WIDTH))
  const inColour = output.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    inColour ? styleText(style, text, { validateStream: false }) : text
  const say = (line: string): void => {
    output.write(`${line}\n`)
  }
  const moodOf = (mood: Mood | undefined, text: string): string =>
    mood === undefined ? text : paint(COLOURS[mood], text)
  const verdict = (word: string, mood: Mood, rest: string): void => {
    say(`${paint(['bold', COLOURS[mood]], word)}  ${rest}`)
  }
  return {
    verdict,
    summary(word, mood, rest) {
      say('')
      verdict(word, mood, rest)
    },
    heading(text) {
      say('')
      say(paint('bold', text))
    },
    row(name, text, mood) {
      const indent = 2 + NAME_WIDTH
      const [first = '', ...others] = wrap(text, width - indent)
      say(`  ${moodOf(mood, name.padEnd(NAME_WIDTH - 1))} ${first}`.trimEnd())
      for (const line of others) say(`${' '.repeat(indent)}${line}`)
    },
  }
}

/** Breaks a text at its spaces. A word that is longer than a line, a URL say, stays whole, to be copied. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

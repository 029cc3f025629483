/** One thing that was taken back. */
export interface Entry {
  readonly mark: string
  /** When it may be forgotten, in whole seconds since the epoch. */
  readonly until: number
  /** Tokens that were issued before, in whole seconds since the epoch; undefined for all. */
  readonly before: number | undefined
}

const FORM = /^(\d{1,12}) ([\w-]{43})(?: (\d{1,12}))?$/

/** Writes an entry as the processes tell it each other. */
export function writeEntry({ mark, until, before }: Entry): string {
  return `${String(until)} ${mark}${before === undefined ? '' : ` ${String(before)}`}`
}

/** Reads one, or says `undefined`: a store may hold anything. */
export function readEntry(text: string): Entry | undefined {
  const [, until, mark, before] = FORM.exec(text) ?? []
  if (until === undefined || mark === undefined) return undefined
  return { mark, until: Number(until), before: before === undefined ? undefined : Number(before) }
}

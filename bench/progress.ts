/** Says on the standard error stream what goes on and how long it will take. */
export interface Progress {
  /** Adds steps that are to come. */
  expect(steps: number): void
  /** Begins the next step. */
  step(what: string): void
  /** Says something in between. */
  note(what: string): void
  end(): void
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let expected = 0
  let begun = 0
  let startedAt: number | undefined
  const write = (line: string): void => {
    // A terminal keeps one line; a file gets them all.
    if (stream.isTTY) stream.write(`\r\u001b[2K${line.slice(0, stream.columns - 1)}`)
    else stream.write(`${line}\n`)
  }
  const remaining = (): string => {
    if (startedAt === undefined || begun < 2) return ''
    const perStep = (performance.now() - startedAt) / (begun - 1)
    return `, about ${duration((perStep * (expected - begun + 1)) / 1000)} left`
  }
  return {
    expect(steps) {
      expected += steps
    },
    step(what) {
      startedAt ??= performance.now()
      begun += 1
      write(`[${String(begun)}/${String(expected)}${remaining()}] ${what}`)
    },
    note: write,
    end() {
      if (stream.isTTY) stream.write('\r\u001b[2K')
    },
  }
}

function duration(seconds: number): string {
  return seconds < 90 ? `${String(Math.ceil(seconds))} s` : `${String(Math.round(seconds / 60))} min`
}

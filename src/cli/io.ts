/** Where text goes. */
export interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Where the token comes from. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }

/** The world as a command sees it. */
export interface Io {
  readonly input: Input
  readonly output: Output
  /** What is no result: prompts, warnings, usage. */
  readonly errors: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hands over what Node warns of. */
  readonly onWarning?: ((say: (message: string) => void) => void) | undefined
}

/** What a shell is told. 64 is `EX_USAGE` of sysexits.h. */
export const exits = { accepted: 0, refused: 1, undecided: 2, usage: 64 } as const

export type ExitCode = (typeof exits)[keyof typeof exits]

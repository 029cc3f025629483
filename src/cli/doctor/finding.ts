import type { Mood } from '../layout.js'

/** Something that was looked at, and how it is. */
export interface Finding {
  readonly about: string
  /** `bad`: to be mended. `unsure`: it could not be told. Without one, it is said for whoever reads. */
  readonly mood?: Mood | undefined
  readonly says: string
  readonly remedy?: string | undefined
}

// Signs tokens into files, in a process of its own: on two cores there are two of it.
import { createPrivateKey } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { answer } from '../measured/answer.js'
import type { SigningKey } from './keys.js'
import { claimsOf, headerOf, signToken } from './mint.js'

export interface SignRequest {
  readonly key: SigningKey
  readonly file: string
  /** The numbers of the tokens: no two of a pool are the same. */
  readonly from: number
  readonly count: number
}

answer({
  sign({ key: { kid, algorithm, privateKey }, file, from, count }: SignRequest): void {
    const signer = { kid, algorithm, key: createPrivateKey(privateKey) }
    const now = Math.floor(Date.now() / 1000)
    const tokens = Array.from({ length: count }, (_, index) =>
      signToken(headerOf(signer), claimsOf(from + index, now), signer),
    )
    // Whole or not at all, whatever interrupts it.
    writeFileSync(`${file}.part`, `${tokens.join('\n')}\n`)
    renameSync(`${file}.part`, file)
  },
})

// Signs tokens into files, in a process of its own: on two cores there are two of it.
import { createPrivateKey } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { answer } from '../measured/answer.js'
import type { SigningKey } from './keys.js'
import { claimsOf, headerOf, signToken, tenantIssuer } from './mint.js'

export interface SignRequest {
  readonly key: SigningKey
  readonly file: string
  /** The numbers of the tokens: no two of a pool are the same. */
  readonly from: number
  readonly count: number
  readonly tenants: number | undefined
}

answer({
  sign({ key: { kid, algorithm, privateKey }, file, from, count, tenants }: SignRequest): void {
    const signer = { kid, algorithm, key: createPrivateKey(privateKey) }
    const now = Math.floor(Date.now() / 1000)
    const tokens = Array.from({ length: count }, (_, index) => {
      const number = from + index
      const tenant = tenants === undefined ? {} : { iss: tenantIssuer(number % tenants) }
      return signToken(headerOf(signer), { ...claimsOf(number, now), ...tenant }, signer)
    })
    // Whole or not at all, whatever interrupts it.
    writeFileSync(`${file}.part`, `${tokens.join('\n')}\n`)
    renameSync(`${file}.part`, file)
  },
})

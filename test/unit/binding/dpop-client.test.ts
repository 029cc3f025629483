import { calculateThumbprint, generateKeyPair, generateProof, type JWSAlgorithm } from 'dpop'
import { dpopAt, ORIGIN, TOKEN } from '../../kit/dpop.js'

// The package `dpop` makes proofs by the time of the machine.
const clock = (): number => Date.now()
const nonce = { secret: 's'.repeat(32), everySeconds: 100 }

describe('a proof made by the package dpop', () => {
  it.each<JWSAlgorithm>(['ES256', 'RS256', 'PS256', 'Ed25519'])(
    '%s is taken once, with a nonce and without',
    async (alg) => {
      const keys = await generateKeyPair(alg)
      const boundTo = await calculateThumbprint(keys.publicKey)
      for (const settings of [{ clock }, { clock, nonce }]) {
        const { dpop } = dpopAt(settings)
        const proof = await generateProof(keys, `${ORIGIN}/orders`, 'POST', dpop.currentNonce(), TOKEN)
        const presented = { proof, method: 'POST', target: '/orders?page=1', token: TOKEN, boundTo }
        expect(await dpop.take(presented)).toEqual({ method: 'dpop', thumbprint: boundTo, nonce: undefined })
        expect(await dpop.take(presented)).toMatchObject({ code: 'invalid_dpop_proof', detail: 'it was used before' })
      }
    },
  )
})

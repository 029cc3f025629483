import { jest } from '@jest/globals'
import { createResourceServer, createRevocation } from 'express-resource-server/core'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'

const fault = new TypeError('a fault of the application')
const raise = (): never => {
  throw fault
}
const raiseNothing = (): never => {
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- which is what this row is about
  throw undefined
}
const thenable = {
  then: raise,
}

describe.each(['expires', 'is taken back'])('when a token that is held %s', (how) => {
  let issuer: TestIssuer
  beforeEach(async () => {
    issuer = await createTestIssuer({ algorithm: 'ES256' })
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  it.each<readonly [string, (() => unknown)[], number]>([
    ['one of them throws', [raise], 1],
    ['one of them throws undefined', [raiseNothing], 1],
    ['one of them rejects', [() => Promise.reject(fault)], 1],
    ['one of them answers with a thenable that throws', [() => thenable], 1],
    ['one of them hangs', [() => new Promise(() => undefined)], 0],
    ['two of them throw', [raise, raise], 2],
    ['one of them throws and one rejects', [raise, () => Promise.reject(fault)], 2],
  ])('calls everybody back where %s, and says so', async (_name, faulty, count) => {
    const revocation = createRevocation({ clock: issuer.options.clock })
    const server = createResourceServer({ ...issuer.options, revocation })
    const auth = await server.verifyToken(await issuer.accessToken())
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const called: string[] = []
    server.onExpiry(auth, () => called.push('first'))
    for (const callback of faulty) {
      server.onExpiry(auth, () => {
        called.push('faulty')
        return callback() as undefined // what code without types may do
      })
    }
    server.onExpiry(auth, () => called.push('last'))
    if (how === 'expires') {
      issuer.advance(auth.expiresAt - issuer.now() + 1)
      jest.advanceTimersByTime(30_000)
    } else {
      await revocation.revoke({ token: auth.token })
    }
    await new Promise(setImmediate)
    issuer.advance(3600)
    jest.advanceTimersByTime(60_000)
    expect(called.sort()).toEqual([...faulty.map(() => 'faulty'), 'first', 'last'])
    const said = warned.mock.calls.map(([text]) => String(text))
    warned.mockRestore()
    expect(said).toHaveLength(count)
    expect(said.join()).not.toContain(auth.token)
    for (const text of said) expect(text).toMatch(/^(TypeError: a fault of the application\n|undefined$)/)
    server.close()
    revocation.close()
  })
})

import { scope } from 'express-resource-server/core'
import { createWebSocketGuard } from 'express-resource-server/websocket'

it.each([
  ['nothing', [], 'takes a server first'],
  ['the options of a server', [{ issuer: 'https://a.example', audience: 'a' }, {}], 'takes a server first'],
  ['a server alone', [{ authenticate: () => undefined }], 'takes options after the server'],
  ['a misspelt option', [{ authenticate: () => undefined }, { polcy: scope('a') }], 'has no option "polcy"'],
])('a guard is not made of %s', (_what, given, says) => {
  expect(() => Reflect.apply(createWebSocketGuard, undefined, given) as unknown).toThrow(says)
})

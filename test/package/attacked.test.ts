import { rmSync } from 'node:fs'
import { installConsumer } from './install-consumer.js'
import { run } from './run.js'

/** What came of each attack in `consumers/attacked`, where nobody gets what is not theirs and nothing hangs or ends. */
const right = {
  'paths: what is open does not lead out of itself': { leaks: [], good: 200 },
  'paths: an open tree around a closed one': { leaks: [], good: 200, closed: 401, granted: 200 },
  'paths: an open parameter': [],
  'paths: the home of another owner': { leaks: [], own: 200 },
  'kinds: none of another kind gets in': { accepted: [], good: 200 },
  'kinds: the roles of the project of another client (ZITADEL)': { own: 200, ofClient: 403, ofOther: 403 },
  'kinds: the roles of an audience that the token is not for (Keycloak)': { own: 200, ofOther: 403, both: 200 },
  'foreign-code: onError that rejects': { refused: 500, again: 500 },
  'foreign-code: a resolver that hangs locks nobody out for good': { hung: 503, later: 200 },
  'foreign-code: lookups that hang lock out no other tenant': { known: 200, stale: 200 },
  'foreign-code: a store of the limit that hangs': 401,
  'foreign-code: one answer object that is used again': { admin: 200, anybody: 403 },
  'foreign-code: a getter that changes its mind': 403,
  'foreign-code: a clock that was set back': { before: 200, removed: 401 },
  'foreign-code: a token that expires while a resolver takes its time': 401,
  'foreign-code: an issuer that is down, and a forged token': 503,
  'foreign-code: a schema that throws, in a report': expect.stringMatching(/^(?:undecided|refused)$/) as string,
  'keys: key loads of a flood over 3,000 tenants': {
    loadsAtOnce: expect.any(Number) as number,
    known: 50,
    accepted: 0,
  },
  'keys: a fresh key while made-up names come': { first: 200, madeUp: 401, fresh: 503, later: 200 },
  'keys: a new key under an old name': { first: 200, fresh: 200 },
  'keys: the memory of 400 odd tokens': { atMost10: true },
  'keys: the memory of anonymous headers': { atMost1: true },
  'routes: an access log reads the method of a rewritten request': { status: 500, reached: 0 },
  'routes: a parameter callback swallows what it meets': { status: 500, reached: 0 },
  'routes: descriptions that become one row': {
    sameRow: 'configuration_error',
    pathServers: 'configuration_error',
    operationServers: 'configuration_error',
  },
  'routes: an inventory of what it cannot see': { param: [false, true], errorHandler: [false], plain: [true] },
  'odd-inputs: a token that is a Buffer': [
    'AuthError malformed_token',
    'AuthError malformed_token',
    'AuthError malformed_token',
  ],
  'odd-inputs: secrets of an address of keys': false,
  'odd-inputs: the folder of whoever built it': [],
  'odd-inputs: one word that is no token, and several': { colon: 401, bar: 401, quotes: 401, two: 400, none: 400 },
  'unhandled rejections': [],
}

/** Key loads of all tenants together. */
const MOST_LOADS = 64

describe('an API under attack', () => {
  let folder: string
  beforeAll(() => {
    folder = installConsumer('attacked')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ['Express 5', ['express']],
    ['Express 4', ['express4']],
    ['Express 5, zone.js loaded', ['express', 'zone']],
  ])('gives nobody what is not theirs on %s', (_name, args) => {
    const results = JSON.parse(run(process.execPath, ['--expose-gc', 'main.js', ...args], folder)) as typeof right
    expect(results).toEqual(right)
    expect(results['keys: key loads of a flood over 3,000 tenants'].loadsAtOnce).toBeLessThanOrEqual(MOST_LOADS)
  })
})

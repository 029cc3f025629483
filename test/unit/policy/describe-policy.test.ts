import {
  actor,
  allOf,
  anyOf,
  anyScope,
  appOnly,
  boundToken,
  authorizationDetails,
  claim,
  client,
  delegated,
  not,
  owner,
  permission,
  role,
  scope,
  stepUp,
  type Policy,
} from 'express-resource-server'
import { describePolicy } from '../../../src/policy/decision.js'

const worksHere: Policy = (auth) => auth.claims['site'] === 'here'

describe('describePolicy says in one line what a policy asks for', () => {
  test.each<[string, Policy<never>]>([
    ['scope orders:read orders:write', scope('orders:read', 'orders:write')],
    ['any scope of a b', anyScope('a', 'b')],
    ['role clerk | manager', role('clerk', 'manager')],
    ['permission a & b', permission('a', 'b')],
    ['client a | b', client('a', 'b')],
    ['owner', owner((req) => req.params['id'])],
    ['claim tenant is "acme"', claim('tenant', 'acme')],
    ['claim tenant matches a predicate', claim('tenant', (value) => value === 'acme')],
    ['claim a > b equals 1', claim('a.b').equals(1)],
    ['claim a includes true', claim('a').includes(true)],
    ['claim a is one of "b", 2', claim('a').oneOf('b', 2)],
    [
      'claim a matches isAdult',
      claim('a').matches(function isAdult(value) {
        return value === 18
      }),
    ],
    ['actor desk | crm', actor('desk', { clientId: 'crm' })],
    [
      'authorization details t, actions read & write, identifier 1',
      authorizationDetails({ type: 't', actions: ['read', 'write'], identifier: '1' }),
    ],
    ['delegated by a user', delegated()],
    ['app-only', appOnly()],
    ['a token that is bound to a key', boundToken()],
    ['sign-in: acr gold | silver, at most 300 s ago', stepUp({ acr: ['gold', 'silver'], maxAgeSeconds: 300 })],
    [
      'all of: (scope a) & (any of: (role staff) | (owner))',
      allOf(
        scope('a'),
        anyOf(
          role('staff'),
          owner(() => ''),
        ),
      ),
    ],
    ['not (role suspended)', not(role('suspended'))],
    ['worksHere', worksHere],
    ['a predicate', () => true],
    ['role two words', role('two\n words')],
  ])('%s', (description, policy) => {
    expect(describePolicy(policy)).toBe(description)
  })
})

import { createEffectiveScopes } from '../../../src/policy/effective-scopes.js'
import { createScopeHierarchy } from '../../../src/policy/scope-hierarchy.js'

const hierarchy = createScopeHierarchy({ implies: { admin: ['write'], write: ['read', 'list'] }, wildcards: true })

test.each([
  { held: [], effective: [] },
  { held: ['read'], effective: ['read'] },
  { held: ['write'], effective: ['write', 'read', 'list'] },
  { held: ['openid', 'admin'], effective: ['openid', 'admin', 'write', 'read', 'list'] },
  { held: ['read', 'write'], effective: ['read', 'write', 'list'] },
  { held: ['notes:*'], effective: ['notes:*', 'notes:read'] },
  { held: ['files:*'], effective: ['files:*'] },
  { held: ['constructor'], effective: ['constructor'] },
])('what $held comes to is $effective', ({ held, effective }) => {
  expect(createEffectiveScopes(hierarchy, ['notes:read', 'read'])(held)).toEqual(effective)
})

test('without a hierarchy scopes are what they are', () => {
  expect(createEffectiveScopes(undefined, ['read'])(['write'])).toEqual(['write'])
})

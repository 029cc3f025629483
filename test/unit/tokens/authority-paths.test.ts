import { findNamePlaces, resolveAuthorityPaths } from '../../../src/tokens/authority-paths.js'
import type { Profile } from '../../../src/tokens/profiles/profile.js'

const AUDIENCE = ['orders-api']
const usual: Profile = {
  name: 'generic',
  marks: [],
  appMarks: [],
  userMarks: [],
  clientId: ['client_id'],
  scopes: ['scope'],
  roles: ['roles'],
  permissions: ['permissions'],
}

const isDeepFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen))

// A policy is handed them, and the next request has the same ones.
test.each<[of: string, profile: Partial<Profile>, claims: Record<string, string>, roles: string[][]]>([
  ['every token', {}, {}, [['roles']]],
  [
    'the audiences of a token',
    { audienceRoles: (audience) => ['of', audience] },
    {},
    [['roles'], ['of', 'orders-api']],
  ],
  ['another than this API', { rolesOf: 'applicationId' }, { applicationId: 'other' }, []],
])('the places of roles and permissions of %s are frozen', (_of, profile, claims, roles) => {
  const paths = resolveAuthorityPaths({ ...usual, ...profile }, AUDIENCE)
  const places = findNamePlaces(claims, AUDIENCE, paths)
  expect(places).toMatchObject({ roles, permissions: [['permissions']] })
  expect(isDeepFrozen(places)).toBe(true)
})

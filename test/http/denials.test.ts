import express from 'express'
import {
  actor,
  allOf,
  anyOf,
  claim,
  client,
  not,
  permission,
  requireAuth,
  requirePolicy,
  role,
  type AuthError,
  type Policy,
} from 'express-resource-server'
import { createTestIssuer, type Changes, type ProviderName } from 'express-resource-server/testing'
import request from 'supertest'

/** The detail of a denial, for the operator alone: what the caller is told is constant. */
async function deny(policy: Policy, claims: Changes, provider: ProviderName = 'generic'): Promise<string> {
  const issuer = await createTestIssuer({ provider, algorithm: 'ES256' })
  const token = await issuer.accessToken(claims)
  const errors: AuthError[] = []
  const answerOf = (hears: boolean) => {
    const app = express()
    const onError = (error: unknown, _req: unknown, res: express.Response): void => {
      errors.push(error as AuthError)
      res.end()
    }
    app.use(requireAuth({ ...issuer.options, onError: hears ? onError : undefined }))
    app.get('/', requirePolicy(policy), (_req, res) => {
      res.send('granted')
    })
    return request(app).get('/').set('Authorization', `Bearer ${token}`)
  }
  await answerOf(true)
  const answer = await answerOf(false)
  expect(answer.status).toBe(403)
  expect(answer.headers['www-authenticate']).toBeUndefined()
  expect(JSON.parse(answer.text)).toEqual({
    type: 'about:blank',
    title: 'Forbidden',
    status: 403,
    detail: 'The access token does not permit this operation.',
    code: 'access_denied',
  })
  return errors[0]?.detail ?? ''
}

const OVERAGE =
  'The issuer left groups out, because there were too many of them ("_claim_names" or "hasgroups", an overage of Microsoft Entra): use app roles, or have only the groups that are assigned to the application put into tokens'

describe('the detail of a denial says what was looked for where, and what stood there', () => {
  test.each<readonly [string, Policy, Changes, ProviderName, string]>([
    [
      'a role that is missing',
      role('clerk', 'manager'),
      { realm_access: { roles: ['offline_access'] }, resource_access: { other: { roles: ['clerk'] } } },
      'keycloak',
      'none of the roles: clerk, manager. Looked where roles are: "realm_access > roles" is a list of 1, "resource_access > orders-api" is missing. The token holds "offline_access"',
    ],
    [
      'a role in another spelling',
      role('clerk'),
      { roles: ['Clerk', 'viewer'] },
      'generic',
      'none of the roles: clerk. Looked where roles are: "roles" is a list of 2. The token holds "Clerk", "viewer". "Clerk" is not "clerk": every character counts',
    ],
    [
      'a role with a prefix',
      role('clerk'),
      { roles: ['ROLE_CLERK'] },
      'generic',
      'none of the roles: clerk. Looked where roles are: "roles" is a list of 1. The token holds "ROLE_CLERK". "ROLE_CLERK" is not "clerk": every character counts',
    ],
    [
      'roles in a claim that the profile does not know',
      role('clerk'),
      { 'https://app.example.com/roles': ['clerk'] },
      'auth0',
      'none of the roles: clerk. Looked where roles are: "roles" is missing',
    ],
    [
      'roles of a shape that names none',
      role('clerk'),
      { roles: { clerk: true } },
      'generic',
      'none of the roles: clerk. Looked where roles are: "roles" is an object',
    ],
    [
      'many roles',
      role('clerk'),
      { roles: ['a', 'b', 'c', 'd', 'e', 'f', 'g\n'] },
      'generic',
      'none of the roles: clerk. Looked where roles are: "roles" is a list of 7. The token holds "a", "b", "c", "d", "e" and 2 more',
    ],
    [
      'roles that were too many for the token',
      role('clerk'),
      { roles: undefined, _claim_names: { roles: 'src1' }, _claim_sources: { src1: { endpoint: 'https://x' } } },
      'entra',
      `none of the roles: clerk. Looked where roles are: "roles" is missing. ${OVERAGE}`,
    ],
    [
      'a permission where the profile knows none',
      permission('orders:refund'),
      {},
      'okta',
      'not all of the permissions: orders:refund. The profile of this issuer knows no claim that holds permissions: name it in "claimPaths"',
    ],
    [
      'one permission of two',
      permission('orders:read', 'orders:refund'),
      { permissions: ['orders:read'] },
      'auth0',
      'not all of the permissions: orders:read, orders:refund. Looked where permissions are: "permissions" is a list of 1. The token holds "orders:read"',
    ],
    [
      'a claim that is missing',
      claim('tenant', 'acme'),
      {},
      'generic',
      'the claim tenant is not as expected: "tenant" is missing',
    ],
    [
      'a claim with another value, which is somebody else',
      claim('email', 'bob@example.com'),
      { email: 'ada@example.com' },
      'generic',
      'the claim email is not as expected: "email" is a text',
    ],
    [
      'a claim in another spelling',
      claim('Tenant', 'acme'),
      { tenant: 'acme' },
      'generic',
      'the claim Tenant is not as expected: "Tenant" is missing; there is "tenant"',
    ],
    [
      'a path where a name with dots is meant',
      claim('my.app.roles', 'clerk'),
      { 'my.app.roles': ['clerk'] },
      'generic',
      'the claim my > app > roles is not as expected: "my" is missing; there is one of the whole name "my.app.roles": write the path as an array, ["my.app.roles"]',
    ],
    [
      'a path that ends too early',
      claim('org.unit.id', 7),
      { org: { unit: 'x' } },
      'generic',
      'the claim org > unit > id is not as expected: "org > unit" is a text',
    ],
    [
      'groups that were too many for the token',
      claim('groups', 'clerks'),
      { hasgroups: true },
      'entra',
      `the claim groups is not as expected: "groups" is missing. ${OVERAGE}`,
    ],
    [
      'another client',
      client('nightly-export'),
      {},
      'generic',
      'none of the clients: nightly-export. The token was issued to "client-1"',
    ],
    [
      'nobody who acts for the subject',
      actor('support-desk'),
      {},
      'generic',
      'the actor is none of those expected: "act" is missing, so that nobody acts for the subject',
    ],
    [
      'another actor, who may be a person',
      actor('support-desk'),
      { act: { sub: 'bob@example.com' } },
      'generic',
      'the actor is none of those expected: "act" has "sub"',
    ],
    [
      'an actor of another issuer',
      actor('support-desk'),
      { act: { sub: 'support-desk', iss: 'https://partner.example.net' } },
      'generic',
      'the actor is none of those expected: "act" has "sub", "iss", and "iss" names another issuer than that of the token, which none of those expected does',
    ],
    [
      'several at once',
      anyOf(role('clerk'), allOf(claim('tenant', 'acme'), not(role('suspended')))),
      { roles: [] },
      'generic',
      'none of the roles: clerk. Looked where roles are: "roles" is a list of 0; or the claim tenant is not as expected: "tenant" is missing',
    ],
  ])('%s', async (_title, policy, claims, provider, detail) => {
    expect(await deny(policy, claims, provider)).toBe(detail)
  })
})

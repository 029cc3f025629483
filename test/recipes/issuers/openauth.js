import { issuer } from '@openauthjs/openauth'
import { MemoryStorage } from '@openauthjs/openauth/storage/memory'
import { createSubjects } from '@openauthjs/openauth/subject'

const ISSUER = 'https://auth.example.com'

/** OpenAuth, and an access token of it. */
export async function start() {
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
  const app = issuer({
    subjects: createSubjects({ user: anything }),
    storage: MemoryStorage(),
    allow: async () => true,
    providers: { machine: { type: 'machine', init() {}, client: async ({ clientID }) => ({ clientID }) } },
    success: async (context) => context.subject('user', { id: '1' }),
  })
  const response = await app.request(`${ISSUER}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      provider: 'machine',
      client_id: 'client-1',
      client_secret: 'x',
    }),
  })
  const { access_token: access } = await response.json()
  return [
    {
      name: 'OpenAuth',
      recipe: ['OpenAuth', 0],
      fetch: async (url) => app.request(url),
      access,
      others: {},
    },
  ]
}

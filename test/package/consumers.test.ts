import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { installConsumer } from './install-consumer.js'
import { run, runNode, versions } from './run.js'

const consumers = [
  { name: 'cjs-express4', main: 'main.js', typescript: false },
  { name: 'esm-express5', main: 'main.js', typescript: false },
  { name: 'ts-cjs-express4', main: 'out/main.js', typescript: true },
  { name: 'ts-esm-express5', main: 'out/main.js', typescript: true },
  // Beside the MCP TypeScript SDK, which declares a req.auth too. Its own types need the DOM library.
  { name: 'ts-mcp', main: 'out/main.js', typescript: true },
]

describe.each(consumers)('the consumer $name', ({ name, main, typescript }) => {
  let folder: string
  beforeAll(() => {
    folder = installConsumer(name)
    if (typescript) compile()
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const compile = (...options: string[]): string =>
    run(join(folder, 'node_modules/.bin/tsc'), ['-p', '.', ...options], folder)

  if (typescript) {
    it.each(['true', 'false'])('compiles under strict with skipLibCheck %s', (skipLibCheck) => {
      expect(compile('--noEmit', '--skipLibCheck', skipLibCheck)).toBe('')
    })
  }

  it.each(versions)(
    'lets an access token through on Node %s, and refuses an ID token and a missing scope',
    (version) => {
      const answers = JSON.parse(runNode(version, [main], folder)) as Record<string, unknown>
      expect(answers).toMatchObject({
        nodeVersion: expect.stringMatching(new RegExp(`^v${version}\\.`)) as string,
        accessToken: { status: 200, body: { for: 'user-1', scopes: ['orders:read'] } },
        idToken: { status: 401, body: { error: 'invalid_token', code: 'id_token_presented' } },
        lesserToken: { status: 403, body: { error: 'insufficient_scope', code: 'insufficient_scope' } },
      })
      if (name === 'ts-mcp') expect(answers).toHaveProperty('throughSdk', { status: 200, body: { for: 'client-1' } })
    },
  )
})

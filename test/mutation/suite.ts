import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What judges the mutants, the quickest first: most of them die in the first folder. Rows about tokens are judged without
 * HTTP; the rest of `test/http/threats`, `test/spec` and whatever else needs a server would only slow it down.
 */
const FOLDERS = [
  'test/unit/issuers',
  'test/unit/tokens',
  'test/unit/request',
  'test/unit/challenge',
  'test/unit/policy',
  'test/unit/routes',
  'test/unit/stores',
  'test/unit/binding',
]
const FILES = [
  ...['time', 'kinds', 'claims', 'jose-header', 'algorithms', 'encoding', 'signatures'].map(
    (family) => `test/http/threats/${family}.test.ts`,
  ),
  'test/spec/rfc9449.test.ts',
  'test/http/threats/dpop.test.ts',
  'test/http/explain-proof.test.ts',
  // Nothing else looks at what the profiles say of users and machines.
  'test/http/holders.test.ts',
  // Policies and route tables are about requests.
  'test/http/policies.test.ts',
  'test/http/denials.test.ts',
  'test/http/hidden.test.ts',
  'test/http/routes-from-openapi.test.ts',
  'test/http/track-routes.test.ts',
  'test/http/authorize-routes.test.ts',
  'test/http/route-table-paths.test.ts',
]

/** Where the bundles of the test files are. */
export const BUNDLES = 'reports/mutation/bundles'

/** The test files that judge the mutants, in the order in which they run. */
export function listTestFiles(): readonly string[] {
  const found = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .sort()
      .map((name) => join(folder, name)),
  )
  return [...found, ...FILES]
}

/**
 * The tables of `test/http` and `test/spec` on the package as it would be published: packed, installed, and found by its
 * name; but for the threats that need no request, which call the source. Needs the npm registry.
 *
 * @type {import('jest').Config}
 */
export default {
  rootDir: '../..',
  testMatch: [
    '<rootDir>/test/http/**/*.test.ts',
    '<rootDir>/test/spec/**/*.test.ts',
    '<rootDir>/test/unit/config/traps.test.ts',
  ],
  // What the first two judge is not exported. NestJS 12 is ES modules alone, which Jest requires from Node 24.9 on: a consumer has 11.
  testPathIgnorePatterns: ['/node_modules/', '/foreign-code.test.ts$', '/rfc9449.test.ts$', '/nest[a-z-]*.test.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/test/package/consumers/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['<rootDir>/test/node_modules/ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  resolver: '<rootDir>/test/package/find-installed.cjs',
  globalSetup: '<rootDir>/test/package/install.js',
  globalTeardown: '<rootDir>/test/package/unpack.js',
  setupFiles: ['<rootDir>/test/no-network.ts'],
  maxWorkers: '100%',
  testTimeout: 60_000,
  workerIdleMemoryLimit: '1GB',
}

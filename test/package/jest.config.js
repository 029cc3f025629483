/**
 * The package as it would be published: packed, installed and used. Needs the npm registry.
 *
 * @type {import('jest').Config}
 */
export default {
  rootDir: '../..',
  testMatch: ['<rootDir>/test/package/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/test/package/consumers/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['<rootDir>/test/node_modules/ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/package/pack.js',
  globalTeardown: '<rootDir>/test/package/unpack.js',
  // Much of it is npm, waiting.
  maxWorkers: '100%',
  testTimeout: 300_000,
}

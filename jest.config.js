import { entries } from './tools/entries.js'

const sources = [...entries].map(([name, source]) => [`^${name}$`, `<rootDir>/${source}`])

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/package/', '/node_modules/'],
  extensionsToTreatAsEsm: ['.ts'],
  // Types are checked by `npm run types`; here they are only taken off.
  transform: { '^.+\\.ts$': ['<rootDir>/test/node_modules/ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: { ...Object.fromEntries(sources), '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/test/no-network.ts'],
  // Jest leaves one core alone, which on a machine of two is half of it. No test is about time: a busy machine fails none.
  maxWorkers: '100%',
  testTimeout: 30_000,
  // Modules of files that have ended stay in memory (node's vm modules): a worker that holds much is replaced.
  workerIdleMemoryLimit: '1GB',
}

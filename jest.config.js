/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/package/', '/node_modules/'],
  extensionsToTreatAsEsm: ['.ts'],
  // Types are checked by `npm run types`; here they are only taken off.
  transform: { '^.+\\.ts$': ['<rootDir>/test/node_modules/ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: {
    '^express-resource-server$': '<rootDir>/src/index.ts',
    '^express-resource-server/augment$': '<rootDir>/src/augment.ts',
    '^express-resource-server/routes$': '<rootDir>/src/routes/index.ts',
    '^express-resource-server/mcp$': '<rootDir>/src/mcp/index.ts',
    '^express-resource-server/redis$': '<rootDir>/src/redis/index.ts',
    '^express-resource-server/core$': '<rootDir>/src/core.ts',
    '^express-resource-server/nest$': '<rootDir>/src/nest/index.ts',
    '^express-resource-server/opentelemetry$': '<rootDir>/src/opentelemetry/index.ts',
    '^express-resource-server/websocket$': '<rootDir>/src/websocket/index.ts',
    '^express-resource-server/testing$': '<rootDir>/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['<rootDir>/test/no-network.ts'],
  // Jest leaves one core alone, which on a machine of two is half of it. No test is about time: a busy machine fails none.
  maxWorkers: '100%',
  testTimeout: 30_000,
  // Modules of files that have ended stay in memory (node's vm modules): a worker that holds much is replaced.
  workerIdleMemoryLimit: '1GB',
}

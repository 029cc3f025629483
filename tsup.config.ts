import { defineConfig } from 'tsup'

// The ES modules and their declarations. `tools/build.ts` makes the rest of them.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    augment: 'src/augment.ts',
    core: 'src/core.ts',
    'mcp/index': 'src/mcp/index.ts',
    'cli/bin': 'src/cli/bin.ts',
    'nest/index': 'src/nest/index.ts',
    'opentelemetry/index': 'src/opentelemetry/index.ts',
    'redis/index': 'src/redis/index.ts',
    'routes/index': 'src/routes/index.ts',
    'testing/index': 'src/testing/index.ts',
    'websocket/index': 'src/websocket/index.ts',
  },
  format: 'esm',
  target: 'node20.19',
  // There is no CommonJS of jose, and not everybody's `require` can load an ES module. Of zod what the options need is a
  // tenth: the package costs as much to load as all the rest.
  noExternal: ['jose', /^zod/],
  // tsup's declaration build sets an option that TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', paths: {} } },
  splitting: true,
  clean: true,
  sourcemap: true,
})

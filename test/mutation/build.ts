import { build } from 'esbuild'
import { BUNDLES, listTestFiles } from './suite.js'

// Makes one bundle of each test file with all that it imports of this repository, mutants included. A file that is loaded anew
// then starts from nothing, as in jest, and packages stay loaded. Stryker runs this in its copy of the repository.

await build({
  entryPoints: [...listTestFiles()],
  outdir: BUNDLES,
  outbase: '.',
  bundle: true,
  format: 'cjs',
  // Of the test file itself: nothing else in a bundle asks where it is.
  define: { 'import.meta.url': 'testFileUrl' },
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
})

import { readFileSync } from 'node:fs'
import { URL } from 'node:url'

const { name, exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** The source of each entry of the package, from its root, by the name that users import. */
export const entries = new Map(
  Object.entries(exports)
    .filter(([, target]) => target.require !== undefined)
    .map(([path, { require }]) => [
      path.replace('.', name),
      require.default.replace('./dist', 'src').replace(/\.cjs$/, '.ts'),
    ]),
)

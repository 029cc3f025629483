// Prints what webpack complains of.
const { join } = require('node:path')
const webpack = require('webpack')

const [, , main, format] = process.argv
const isModule = format === 'module'
webpack(
  {
    mode: 'production',
    target: 'node20',
    entry: join(__dirname, main),
    experiments: { outputModule: isModule },
    output: {
      path: join(__dirname, '../out', `webpack-${main}`),
      filename: isModule ? 'main.mjs' : 'main.cjs',
      ...(isModule && { module: true, chunkFormat: 'module', library: { type: 'module' } }),
    },
  },
  (error, stats) => {
    if (error) throw error
    console.log(JSON.stringify(stats.toJson({ all: false, errors: true }).errors.map(({ message }) => message)))
  },
)

// node main.js express|express4 [zone]: attacks an API that uses the installed package, and prints what came of each attack.
const [framework = 'express', zone] = process.argv.slice(2)
if (zone === 'zone') require('zone.js/node')
const { createWorld } = require('./world.js')

const families = ['paths', 'kinds', 'foreign-code', 'keys', 'routes', 'odd-inputs']

async function main() {
  const unhandled = []
  process.on('unhandledRejection', (error) => unhandled.push(String(error)))
  const results = {}
  for (const family of families) {
    const attacks = require(`./attacks/${family}.js`)
    for (const [name, attack] of Object.entries(attacks)) {
      const world = createWorld(require(framework))
      try {
        results[`${family}: ${name}`] = await Promise.race([attack(world), hang()])
      } catch (error) {
        results[`${family}: ${name}`] = `threw ${error.stack}`
      } finally {
        world.close()
      }
    }
  }
  results['unhandled rejections'] = unhandled
  console.log(JSON.stringify(results, undefined, 2))
  process.exit(0)
}

/** No answer of the library takes as long as this. */
function hang() {
  return new Promise((resolve) => setTimeout(resolve, 40_000, 'HANGS').unref())
}

main()

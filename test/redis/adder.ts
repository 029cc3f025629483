import { createRedisStore } from '../../src/redis/index.js'
import { clients } from './clients.js'

// A process of its own, that adds keys at once with another: tsx test/redis/adder.ts URL CLIENT COUNT. It says that it is
// ready, waits for a line, and tells which keys it was told that it added.
const [url = '', name = '', count = '0'] = process.argv.slice(2)

const opened = await clients[name]?.(url)
if (opened === undefined) throw new Error('There is no such client.')
const store = createRedisStore({ client: opened.client, timeoutSeconds: 30 })
process.stdout.write('ready\n')
process.stdin.once('data', () => {
  const asked = Array.from({ length: Number(count) }, async (_, n) => store.addIfAbsent(String(n), 600))
  void Promise.all(asked).then((answers) => {
    const added = answers.flatMap((answer, n) => (answer === 'added' ? [n] : []))
    process.stdout.write(`${JSON.stringify(added)}\n`, () => {
      opened.close()
      process.exit()
    })
  })
})

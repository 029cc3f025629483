import { createRedisStore } from '../../src/redis/index.js'
import { clients } from '../kit/redis-clients.js'

// A process of its own, that adds keys at once with another: tsx test/redis/adder.ts URL CLIENT COUNT. It says that it is
// ready, waits for a line, and tells which keys it was told that it added.
const [url = '', name = '', count = '0'] = process.argv.slice(2)

const opened = await clients[name]?.(url)
if (opened === undefined) throw new Error('There is no such client.')
const store = createRedisStore({ client: opened.client, timeoutSeconds: 30 })
const LOT = 100
process.stdout.write('ready\n')
process.stdin.once('data', () => {
  void addAll().then((added) => {
    process.stdout.write(`${JSON.stringify(added)}\n`, () => {
      opened.close()
      process.exit()
    })
  })
})

/** In many small lots: a client that sends all at once would be done with all of them before the other process has its turn. */
async function addAll(): Promise<readonly number[]> {
  const added: number[] = []
  for (let lot = 0; lot < Number(count); lot += LOT) {
    const keys = Array.from({ length: LOT }, (_, n) => lot + n)
    const answers = await Promise.all(keys.map(async (key) => store.addIfAbsent(String(key), 600)))
    added.push(...keys.filter((_, n) => answers[n] === 'added'))
  }
  return added
}

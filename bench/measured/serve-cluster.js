// What serve.js does, in several processes that share a port.
import cluster from 'node:cluster'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { answer, cpuMicroseconds } from './answer.js'

cluster.setupPrimary({ exec: fileURLToPath(new URL('serve.js', import.meta.url)) })

const workers = []

answer({
  /** Starts listening, and tells the port: whoever asks for any gets the one that the first got. */
  async start({ processes, ...served }) {
    let port
    for (let i = 0; i < processes; i += 1) {
      const worker = cluster.fork()
      await once(worker, 'message')
      workers.push(worker)
      port = await ask(worker, 'start', served)
    }
    return port
  },
  async cpu() {
    const all = await Promise.all(workers.map((worker) => ask(worker, 'cpu')))
    return all.reduce((sum, one) => sum + one, cpuMicroseconds())
  },
})

async function ask(worker, name, payload) {
  worker.send({ name, payload })
  const [{ value, error }] = await once(worker, 'message')
  if (error !== undefined) throw new Error(error)
  return value
}

process.on('exit', () => {
  for (const worker of workers) worker.process.kill('SIGKILL')
})

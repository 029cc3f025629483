import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Starts a process of an API, as a load balancer has several, and answers its port. It ends with this one. */
export async function startProcess(api: URL, environment: Readonly<Record<string, string>>): Promise<number> {
  const child = fork(api, { env: { ...process.env, ...environment } })
  const failed = once(child, 'exit').then(() => {
    throw new Error('A process of the API has ended.')
  })
  const [port] = (await Promise.race([once(child, 'message'), failed])) as [number] // all it says
  return port
}

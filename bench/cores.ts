import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** One core for the server, another one for what sends the load. */
export interface Cores {
  readonly server: number
  readonly load: number
}

/** Finds two cores to pin processes to; or says why there are none. */
export function findCores(): Cores | string {
  try {
    execFileSync('taskset', ['-c', '-p', String(process.pid)], { stdio: 'ignore' })
  } catch {
    return 'there is no taskset here'
  }
  if (availableParallelism() < 2) return 'there is one core only'
  return { server: 0, load: 1 }
}

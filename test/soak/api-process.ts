import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ApiMessage, ApiSetup } from './settings.js'

/** The process that hosts the API, as seen from here. */
export interface ApiProcess {
  readonly port: number
  readonly fetches: readonly { readonly url: string; readonly at: number }[]
  readonly samples: readonly { readonly at: number; readonly heapUsed: number; readonly stalledMs: number }[]
  /** Why it is no more, if so. */
  death(): string | undefined
  close(): void
}

const START_WITHIN_MS = 30_000

/** Starts the API with a garbage collector that can be called. */
export function startApi(setup: ApiSetup): Promise<ApiProcess> {
  const fetches: { url: string; at: number }[] = []
  const samples: { at: number; heapUsed: number; stalledMs: number }[] = []
  let closing = false
  let died: string | undefined
  // The loader of TypeScript files is among our own arguments.
  const child = fork(fileURLToPath(new URL('api.ts', import.meta.url)), [JSON.stringify(setup)], {
    execArgv: [...process.execArgv, '--expose-gc'],
  })
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => {
      child.kill()
      reject(new Error('The API did not start.'))
    }, START_WITHIN_MS)
    child.on('exit', (code, signal) => {
      clearTimeout(impatience)
      if (!closing) died = `the API died with ${String(signal ?? code)}`
      reject(new Error(died))
    })
    child.on('message', (message: ApiMessage) => {
      if (message.type === 'fetch') fetches.push(message)
      if (message.type === 'sample') samples.push(message)
      if (message.type !== 'listening') return
      clearTimeout(impatience)
      resolve({
        port: message.port,
        fetches,
        samples,
        death: () => died,
        close() {
          closing = true
          child.kill()
        },
      })
    })
  })
}

import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { RefusalError } from '../errors.js'

/** How to say no. */
export interface Answer {
  readonly status: number
  /** Public. */
  readonly message: string
  send(response: ServerResponse): void
}

/** Makes an answer of any error: what is no refusal is a fault of the application, which hears of it, and is a 500. */
export function toRefusal(error: unknown): Answer {
  if (error instanceof RefusalError) return error
  process.emitWarning(inspect(error))
  return {
    status: 500,
    message: 'Internal Server Error',
    send(response) {
      response.statusCode = 500
      response.end()
    },
  }
}

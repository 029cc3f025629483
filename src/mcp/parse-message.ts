import express, { type RequestHandler } from 'express'
import { sendRpcError } from './send-rpc-error.js'

// Whatever its type says: what is not read here might be read as JSON behind the guard.
const parse: RequestHandler = express.json({ type: () => true })

/**
 * Parses a body that nothing above has parsed. What is no JSON is answered; what is too long, or in an unknown coding, is for
 * the application's own handler of errors.
 */
export const parseMessage: RequestHandler = (req, res, next) => {
  parse(req, res, (error?: unknown) => {
    if (isMalformed(error)) sendRpcError('notParsed', res)
    else next(error)
  })
}

function isMalformed(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'entity.parse.failed'
}

import type { Response } from 'express'

/** A refusal of what is no message: without an id, since there is none to be believed (JSON-RPC 2.0, section 5). */
const refusals = {
  notParsed: { status: 400, code: -32700, message: 'Parse error: the body is not JSON.' },
  notMessage: { status: 400, code: -32600, message: 'Invalid request: the body is not one JSON-RPC message.' },
  foreignOrigin: { status: 403, code: -32000, message: 'Pages of this origin are not let in.' },
} as const

/** Answers as JSON-RPC does, where a request is not even one. */
export function sendRpcError(name: keyof typeof refusals, res: Response): void {
  const { status, code, message } = refusals[name]
  res.statusCode = status
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }))
}

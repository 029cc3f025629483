import type { RequestHandler } from 'express'
import { applyPolicy } from '../express/apply-policy.js'
import { requireAuthentication } from '../express/request-record.js'
import { definePolicy, deny, type Policy } from '../policy/decision.js'
import { sendRpcError } from './send-rpc-error.js'

/** The row of every tool that has none. */
const OTHERS = '*'

const noRow = definePolicy({ description: 'a row of its own' }, () => deny('no row of "tools" is for this tool'))

/**
 * Lets a message on that calls a tool when the policy of that tool grants it, and one that calls none. The body counts, as
 * it does for the server behind it, and not the fields that repeat it.
 *
 * A batch is refused, as the specification has known none since 2025-06-18: one answer cannot refuse a part of it.
 *
 * @param tools - The policies by the names of the tools.
 */
export function createToolGuard(tools: ReadonlyMap<string, Policy>): RequestHandler {
  const others = tools.get(OTHERS) ?? noRow
  return (req, res, next) => {
    // Messages are posted. What came with another method all the same may be read by whoever goes by the body alone.
    if (req.method !== 'POST' && isEmpty(req.body)) {
      next()
      return
    }
    const message = readMessage(req.body)
    if (message === undefined) sendRpcError('notMessage', res)
    else if (message.tool === undefined) next()
    else {
      const policy = tools.get(message.tool) ?? others
      applyPolicy(policy, requireAuthentication(req, 'A guard of tools'), req, res, next)
    }
  }
}

/** What counts of a message here: the tool that it calls, if it calls one. */
interface Message {
  readonly tool: string | undefined
}

/** Reads a parsed body; `undefined` for what is not one message, or a call of who knows which tool. */
function readMessage(body: unknown): Message | undefined {
  if (!isRecord(body) || body['jsonrpc'] !== '2.0') return undefined
  const { method, params } = body
  if (method === undefined) return 'result' in body || 'error' in body ? { tool: undefined } : undefined
  if (typeof method !== 'string') return undefined
  if (method !== 'tools/call') return { tool: undefined }
  const name = isRecord(params) ? params['name'] : undefined
  return typeof name === 'string' ? { tool: name } : undefined
}

/** What parsers make of a request without a body. */
function isEmpty(body: unknown): boolean {
  return body === undefined || (isRecord(body) && Object.keys(body).length === 0)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import express, { type Express } from 'express'
import { allOf, scope, stepUp } from 'express-resource-server'
import { createMcpResourceServer } from 'express-resource-server/mcp'
import { STRONG } from './issuer.js'

export interface ApiOptions {
  readonly issuer: string
  /** The URL of the MCP server, as its clients call it. */
  readonly resource: string
}

/** An MCP server with two tools: one reads, the other wants a scope more and a user who signed in with two factors. */
export function createApi({ issuer, resource }: ApiOptions): Express {
  const mcp = createMcpResourceServer({
    issuer,
    resource,
    policy: scope('notes:read'),
    tools: {
      search: scope('notes:read'),
      purge: allOf(scope('notes:write'), stepUp({ acr: STRONG })),
    },
  })
  const handle = toNodeHandler(createMcpHandler(createTools))

  const app = express()
  app.use(mcp.protectedResourceMetadata())
  app.use('/mcp', mcp.requireAuth(), (req, res) => handle(req, res, req.body))
  return app
}

function createTools(): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('search', { description: 'Finds notes.' }, ({ http }) => ({
    content: [{ type: 'text', text: `2 notes of ${String(http?.authInfo?.extra?.['subject'])}` }],
  }))
  server.registerTool('purge', { description: 'Throws all notes away.' }, ({ http }) => ({
    content: [{ type: 'text', text: `no more notes of ${String(http?.authInfo?.extra?.['subject'])}` }],
  }))
  return server
}

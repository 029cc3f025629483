// The two versions of the MCP TypeScript SDK, each with its own server, client and middleware, behind one face.
import { Client as Client2, StreamableHTTPClientTransport as ClientTransport2 } from '@modelcontextprotocol/client'
import { requireBearerAuth as requireBearerAuth2 } from '@modelcontextprotocol/express'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as ClientTransport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth as requireBearerAuth1 } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import type { AuthInfo as AuthInfo1 } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { McpServer as Server1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  createMcpHandler,
  McpServer as Server2,
  OAuthError,
  OAuthErrorCode,
  requireScopes,
  type AuthInfo as AuthInfo2,
} from '@modelcontextprotocol/server'
import type { RequestHandler } from 'express'
import type { McpResourceServer } from 'express-resource-server/mcp'
import { optionsOf, type SignIn } from './sign-in.js'

/** What tool handlers saw. */
export type Seen = (AuthInfo1 | AuthInfo2 | undefined)[]

export interface Session {
  /** Calls a tool, and answers its text. */
  call(name: string): Promise<string>
  close(): Promise<void>
}

export interface Sdk {
  readonly name: string
  /** The tools `read`, `purge` and `secret`, behind what has set `req.auth`. */
  serve(seen: Seen): RequestHandler
  connect(endpoint: URL, signIn: SignIn): Promise<Session>
  /** The SDK's own middleware, with a verifier of ours. */
  bearerAuth(server: McpResourceServer, options: BearerAuth): RequestHandler
}

interface BearerAuth {
  readonly resource: string
  readonly requiredScopes: string[]
}

const TOOLS = ['read', 'purge', 'secret']

const textOf = (result: object): string =>
  ((result as { readonly content?: unknown }).content as readonly { readonly text: string }[])[0]?.text ?? '' // as the tools below answer

const first: Sdk = {
  name: 'version 1 of the SDK',
  serve: (seen) => (req, res, next) => {
    const answer = async (): Promise<void> => {
      const server = new Server1({ name: 'notes', version: '1.0.0' })
      for (const name of TOOLS) {
        server.registerTool(name, {}, ({ authInfo }) => {
          seen.push(authInfo)
          return { content: [{ type: 'text', text: `${name} for ${String(authInfo?.extra?.['subject'])}` }] }
        })
      }
      const transport = new StreamableHTTPServerTransport()
      res.on('close', () => void server.close())
      await server.connect(transport)
      await transport.handleRequest(req, res, req.body)
    }
    answer().catch(next)
  },
  async connect(endpoint, signIn) {
    const open = () => new ClientTransport1(endpoint, optionsOf(signIn))
    let client = new Client1({ name: 'test', version: '1.0.0' })
    let transport = open()
    const finish = (code: string) => transport.finishAuth(code)
    await signIn.patiently(finish, async () => {
      client = new Client1({ name: 'test', version: '1.0.0' })
      transport = open()
      await client.connect(transport)
    })
    return {
      call: (name) => signIn.patiently(finish, async () => textOf(await client.callTool({ name }))),
      close: () => client.close(),
    }
  },
  bearerAuth: (server, { resource, requiredScopes }) =>
    requireBearerAuth1({
      verifier: server.tokenVerifier((message) => new InvalidTokenError(message)),
      expectedResource: new URL(resource),
      requiredScopes,
    }),
}

const second: Sdk = {
  name: 'version 2 of the SDK',
  serve(seen) {
    const handler = toNodeHandler(
      createMcpHandler(() => {
        const server = new Server2({ name: 'notes', version: '1.0.0' })
        for (const name of TOOLS) {
          const scopeChallenge = name === 'secret' ? { scopeChallenge: requireScopes('notes:secret') } : {}
          server.registerTool(name, scopeChallenge, ({ http }) => {
            seen.push(http?.authInfo)
            return { content: [{ type: 'text', text: `${name} for ${String(http?.authInfo?.extra?.['subject'])}` }] }
          })
        }
        return server
      }),
    )
    return (req, res, next) => {
      handler(req, res, req.body).catch(next)
    }
  },
  async connect(endpoint, signIn) {
    const open = () => new ClientTransport2(endpoint, optionsOf(signIn))
    let client = new Client2({ name: 'test', version: '1.0.0' })
    let transport = open()
    const finish = (code: string) => transport.finishAuth(code)
    await signIn.patiently(finish, async () => {
      client = new Client2({ name: 'test', version: '1.0.0' })
      transport = open()
      await client.connect(transport)
    })
    return {
      call: (name) => signIn.patiently(finish, async () => textOf(await client.callTool({ name }))),
      close: () => client.close(),
    }
  },
  bearerAuth: (server, { resource, requiredScopes }) =>
    requireBearerAuth2({
      verifier: server.tokenVerifier((message) => new OAuthError(OAuthErrorCode.InvalidToken, message)),
      expectedResource: new URL(resource),
      requiredScopes,
    }),
}

export const sdks: readonly Sdk[] = [first, second]

export { createMcpResourceServer, type McpResourceServer } from './create-mcp-resource-server.js'
export type { McpAuthInfo, McpAuthInfoExtra } from './auth-info.js'
export type { McpOptions, ToolCallRequest } from './options.js'
export type { InvalidToken, McpTokenVerifier } from './token-verifier.js'

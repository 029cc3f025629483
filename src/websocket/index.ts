export { createWebSocketGuard, type WebSocketGuard } from './create-websocket-guard.js'
export { endWithToken } from './end-with-token.js'
export type { GuardedConnection } from './connection.js'
export type { WebSocketGuardOptions } from './options.js'

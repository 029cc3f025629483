import type { KeyOptions } from 'express-resource-server'

/** What the API under test is told about keys: short enough for every phase to matter within seconds. */
export const keys = {
  freshSeconds: 2,
  maxStaleSeconds: 18,
  cooldownSeconds: 2,
  timeoutSeconds: 1,
} as const satisfies KeyOptions

export const clockToleranceSeconds = 1
/** Few enough to be full within seconds, so that whatever grows after that is a leak. */
export const cacheEntries = 128

/** The same, as the oracle counts: in milliseconds. */
export const limits = {
  freshMs: keys.freshSeconds * 1000,
  maxStaleMs: keys.maxStaleSeconds * 1000,
  cooldownMs: keys.cooldownSeconds * 1000,
  timeoutMs: keys.timeoutSeconds * 1000,
  toleranceMs: clockToleranceSeconds * 1000,
  /** How many names of keys that were asked for are remembered. */
  rememberedNames: 32,
  /** Between an answer of the issuer and its keys being in use: two busy processes, not a property of the library. */
  slackMs: 500,
} as const

export const audience = 'https://api.example.com'
export const scope = 'orders:read'

/** Requests per second outside of floods; a flood of made-up key names comes on top. */
export const baseRate = 250
export const floodRate = 60

/** What the child process is started with. */
export interface ApiSetup {
  readonly issuers: readonly string[]
  readonly audience: string
}

/** What the child process tells. Times are milliseconds since the epoch. */
export type ApiMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'fetch'; readonly url: string; readonly at: number }
  | { readonly type: 'sample'; readonly at: number; readonly heapUsed: number; readonly stalledMs: number }

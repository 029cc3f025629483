import type { IncomingMessage } from 'node:http'
import { warnOnce } from '../warnings.js'

const NAMES = ['access_token', 'token']

/** Tells the operator of a client that sends its token where it is never read. */
export function warnAboutQuery({ url = '' }: IncomingMessage): void {
  const start = url.indexOf('?')
  if (start === -1) return
  const query = new URLSearchParams(url.slice(start))
  if (NAMES.some((name) => query.has(name))) warnOnce('ERS_WEBSOCKET_QUERY')
}

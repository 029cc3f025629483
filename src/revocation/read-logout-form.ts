import type { IncomingMessage } from 'node:http'

/** What is used of a request, of either kind. */
export type LogoutRequest = (IncomingMessage & { readonly body?: unknown }) | Request

/** No logout token that people use comes near. */
const MAX_BYTES = 32 * 1024
const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i

/**
 * Reads the one `logout_token` of a form, or says `undefined`. What a parser in front of this has made of the body is taken
 * instead.
 */
export async function readLogoutForm(request: LogoutRequest): Promise<string | undefined> {
  const isWeb = request instanceof Request
  const type = isWeb ? request.headers.get('content-type') : request.headers['content-type']
  if (!FORM.test(type ?? '')) return undefined
  if (!isWeb && typeof request.body === 'object' && request.body !== null) {
    const parsed: unknown = Reflect.get(request.body, 'logout_token')
    return typeof parsed === 'string' ? parsed : undefined
  }
  const text = await readBody(isWeb ? request.body : request)
  if (text === undefined) return undefined
  const [token, ...others] = new URLSearchParams(text).getAll('logout_token')
  return others.length === 0 ? token : undefined
}

async function readBody(body: AsyncIterable<Uint8Array> | null): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) return undefined
      chunks.push(chunk)
    }
  } catch {
    // Who sends it has gone.
    return undefined
  }
  return Buffer.concat(chunks).toString('latin1')
}

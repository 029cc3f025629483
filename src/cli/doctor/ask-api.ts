/** What is looked at of an answer. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The beginning of the body. */
  readonly body: string
}

const TIMEOUT_MILLISECONDS = 5000
const MAX_BYTES = 64 * 1024

/** Sends one request, without following where it is sent on to, and reads at most the beginning of the answer. */
export async function askApi(
  url: string,
  init: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS)
  const { status, headers, body } = await fetch(url, { ...init, redirect: 'manual', signal })
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader() // of bytes, whatever the types say
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    size += value.byteLength
    if (size > MAX_BYTES) {
      await reader.cancel()
      break
    }
  }
  return { status, headers, body: Buffer.concat(chunks).toString('utf8', 0, MAX_BYTES) }
}

import { withoutSecrets } from './urls.js'

/** The part of the platform's `fetch` that this library calls: undici's fits as well, with a dispatcher of its own. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

/** What a `fetch` is asked for, beside the URL. */
export interface FetchInit extends FetchRequest {
  readonly redirect: 'manual'
  readonly signal: AbortSignal
}

/** What is sent. */
export interface FetchRequest {
  readonly method?: 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
}

/** What is read of an answer. */
export interface FetchResponse {
  readonly status: number
  readonly redirected: boolean
  readonly headers: FetchedHeaders
  readonly body: FetchedBody | null
}

export interface FetchedHeaders {
  get(name: string): string | null
}

interface FetchedBody {
  getReader(): FetchedReader
  cancel(): Promise<unknown>
}

interface FetchedReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(): Promise<unknown>
}

export interface FetchLimits {
  /** Ends the exchange, the body included, whether or not `fetch` itself listens to it. */
  readonly signal: AbortSignal
  /** For the body after decompression. */
  readonly maxBytes: number
}

/** What is asked for, and what may be answered. */
export interface FetchTerms extends FetchLimits {
  readonly request: FetchRequest
  /** Any other is an error. */
  readonly statuses: readonly number[]
  readonly mediaType: RegExp
  /** What that is called. */
  readonly format: string
}

/** A body, and what came with it. */
export interface FetchedAnswer {
  readonly status: number
  readonly mediaType: string
  readonly headers: FetchedHeaders
  readonly body: Uint8Array
}

/**
 * Why a document could not be had. The message names the URL and the cause, for the operator.
 *
 * It holds nothing else: neither the query of the URL, where an API key may stand, nor the error that `fetch` failed with,
 * which may hold the request with all its headers.
 */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  /** The HTTP status, where an answer came. */
  readonly status: number | undefined
  /** `Retry-After` in seconds, where the answer gave one. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    message: string,
    init: { readonly status?: number; readonly retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message)
    this.status = init.status
    this.retryAfterSeconds = init.retryAfterSeconds
  }
}

/** What of a media type may be repeated to the operator. */
const NAMED_MEDIA_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/
const ERROR_CODE = /^[A-Z][A-Z0-9_]{1,63}$/
const MAX_CAUSES = 8

/**
 * Fetches one body. The signal ends the exchange at any point, and the decoded body is counted against its cap while it
 * streams. Redirects are not followed.
 *
 * @throws {FetchError} For everything that goes wrong.
 */
export async function fetchBody(fetch: Fetch, url: string, terms: FetchTerms): Promise<FetchedAnswer> {
  let reader: FetchedReader | undefined
  const place = withoutSecrets(url)
  const { signal, maxBytes, request } = terms
  try {
    // Whatever kind of promise it is, and whatever of its members may change, it is read once.
    const answer = Promise.resolve(fetch(url, { redirect: 'manual', signal, ...request }))
    const response = await raceAbort(answer, signal).catch((error: unknown) => {
      // A `fetch` that does not listen to the signal may answer yet: nobody will read that body.
      answer.then((late) => cancelQuietly(late.body)).catch(() => undefined)
      throw error
    })
    const { status, redirected, headers, body: stream } = response
    reader = stream?.getReader()
    const mediaType = checkResponse({ status, redirected, headers }, place, terms)
    const body = await readBody(reader, { signal, maxBytes })
    if (body === undefined) throw new FetchError(`${place} answered with more than ${String(maxBytes)} bytes`)
    return { status, mediaType, headers, body }
  } catch (cause) {
    if (cause instanceof FetchError) throw cause
    if (signal.aborted) throw new FetchError(`${place} did not answer in time`)
    const code = findErrorCode(cause)
    throw new FetchError(`${place} could not be fetched${code === undefined ? '' : `: ${code}${meaningOf(code)}`}`)
  } finally {
    // A body that was not read to its end must not keep streaming.
    void cancelQuietly(reader)
  }
}

/** What the platform's commonest codes mean, and what to do. */
const MEANINGS: readonly (readonly [codes: RegExp, meaning: string])[] = [
  [
    /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE).*)$/,
    'no authority that Node trusts vouches for its certificate; a private one is named in NODE_EXTRA_CA_CERTS',
  ],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'its name is not known here: look at the spelling, DNS, and whether a proxy is needed'],
  [/^ECONNREFUSED$/, 'nobody listens there'],
  [/^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH)$/, 'it cannot be reached: is a proxy needed?'],
]

function meaningOf(code: string): string {
  const meaning = MEANINGS.find(([codes]) => codes.test(code))?.[1]
  return meaning === undefined ? '' : ` (${meaning})`
}

async function cancelQuietly(body: { cancel(): PromiseLike<unknown> } | null | undefined): Promise<void> {
  try {
    await body?.cancel()
  } catch {
    // Nobody waits for it.
  }
}

type Head = Pick<FetchResponse, 'status' | 'redirected' | 'headers'>

/** Answers the media type. */
function checkResponse({ status, redirected, headers }: Head, place: string, terms: FetchTerms): string {
  if (!terms.statuses.includes(status) || redirected) {
    const retryAfterSeconds = readRetryAfter(headers)
    throw new FetchError(`${place} answered with status ${String(status)}`, { status, retryAfterSeconds })
  }
  const mediaType = headers.get('content-type')?.split(';', 1)[0]?.trim() ?? ''
  if (terms.mediaType.test(mediaType)) return mediaType
  const found = NAMED_MEDIA_TYPE.test(mediaType) ? `: ${mediaType}` : ''
  throw new FetchError(`${place} answered with a media type that is not ${terms.format}${found}`)
}

/** Finds what went wrong below `fetch` by the name that the platform gives it: `ENOTFOUND`, `SELF_SIGNED_CERT_IN_CHAIN`. */
function findErrorCode(error: unknown): string | undefined {
  let next = error
  try {
    for (let depth = 0; depth < MAX_CAUSES && typeof next === 'object' && next !== null; depth++) {
      const { code, cause }: { readonly code?: unknown; readonly cause?: unknown } = next
      if (typeof code === 'string' && ERROR_CODE.test(code)) return code
      next = cause
    }
  } catch {
    // Whoever threw it may have put anything there.
  }
  return undefined
}

/** Reads a body to its end, or says `undefined` as soon as it is larger than it may be. */
async function readBody(
  reader: FetchedReader | undefined,
  { signal, maxBytes }: FetchLimits,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  while (reader !== undefined) {
    const { done, value } = await raceAbort(reader.read(), signal)
    if (done || value === undefined) break
    if (!ArrayBuffer.isView(value)) throw new TypeError('The body is not made of bytes.')
    // An empty piece counts, too: of such there could be any number.
    size += Math.max(1, value.byteLength)
    if (size > maxBytes) return undefined
    chunks.push(value)
  }
  return Buffer.concat(chunks)
}

/** Settles with the work, or rejects as soon as the signal is aborted. */
async function raceAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(new Error('The exchange was ended.'))
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}

/** Reads `Retry-After`: seconds, or a date, which is compared with the server's own (RFC 9110 §10.2.3). */
function readRetryAfter(headers: FetchedHeaders): number | undefined {
  const text = headers.get('retry-after')
  const until = Date.parse(text ?? '') - Date.parse(headers.get('date') ?? '')
  return readSeconds(text) ?? (until > 0 ? until / 1000 : undefined)
}

export function readSeconds(text: string | null | undefined): number | undefined {
  return text !== null && text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}

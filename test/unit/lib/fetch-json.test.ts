import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { fetch as undiciFetch, ProxyAgent } from 'undici'
import { FetchError, fetchJson, type Fetch } from '../../../src/lib/fetch-json.js'

type Answer = (res: ServerResponse, req: IncomingMessage) => void

let server: Server
let url: string
let answer: Answer
let requests: IncomingMessage[]

const platform = (target: string, init: RequestInit): Promise<Response> => fetch(target, init)

beforeAll(async () => {
  server = createServer((req, res) => {
    requests.push(req)
    answer(res, req)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/jwks`
})

beforeEach(() => {
  requests = []
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const json = (body: string | Buffer, headers: Record<string, string> = {}): Answer => {
  return (res) => res.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body)
}

const get = (limits: { signal?: AbortSignal; maxBytes?: number; fetch?: Fetch } = {}) =>
  fetchJson(limits.fetch ?? platform, url, {
    signal: limits.signal ?? new AbortController().signal,
    maxBytes: limits.maxBytes ?? 1024,
  })

async function failure(attempt: Promise<unknown>): Promise<FetchError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(FetchError)
  return error as FetchError
}

describe('fetchJson', () => {
  test('returns the document, and asks for JSON', async () => {
    answer = json('{"keys":[]}')
    expect(await get()).toEqual({ document: { keys: [] }, maxAgeSeconds: undefined })
    expect(requests.map(({ method, headers }) => [method, headers.accept])).toEqual([['GET', 'application/json']])
  })

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON;charset=UTF-8',
    'application/jwk-set+json',
    'application/problem+json',
  ])('takes the media type %s for JSON (RFC 8259 section 11, RFC 6839 section 3.1)', async (type) => {
    answer = json('{}', { 'content-type': type })
    expect((await get()).document).toEqual({})
  })

  test.each([
    'text/html',
    'text/json',
    'text/plain',
    'application/jsonp',
    'application/json-seq',
    'application/octet-stream',
    'x-application/json',
    '',
  ])('does not take the media type %p for JSON, and says which one came', async (type) => {
    answer = json('{}', { 'content-type': `${type}; charset=utf-8` })
    const found = type === '' ? '' : `: ${type}`
    expect((await failure(get())).message).toBe(`${url} answered with a media type that is not JSON${found}`)
  })

  test.each(['text/<script>', 'text', `text/${'x'.repeat(65)}`, 'text/html/x', '"text/html"'])(
    'does not repeat %p, which is no media type',
    async (type) => {
      answer = json('{}', { 'content-type': type })
      expect((await failure(get())).message).toBe(`${url} answered with a media type that is not JSON`)
    },
  )

  test.each([
    ['an array', '[]'],
    ['a page', '<html></html>'],
    ['nothing', ''],
    ['duplicate members', '{"keys":[],"keys":[]}'],
    ['something too deep', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ])('refuses %s', async (_name, body) => {
    answer = json(body)
    expect((await failure(get())).message).toBe(`${url} did not answer with one well-formed JSON object`)
  })

  test.each([201, 204, 206, 301, 302, 303, 307, 308, 400, 401, 404, 429, 500, 503])(
    'refuses status %i and follows nothing (RFC 9110 section 15)',
    async (status) => {
      answer = (res, req) => {
        if (req.url === '/jwks') res.writeHead(status, { location: '/elsewhere', 'content-type': 'application/json' })
        res.end(status === 204 ? undefined : '{}')
      }
      const error = await failure(get())
      expect(error.status).toBe(status)
      expect(error.message).toBe(`${url} answered with status ${String(status)}`)
      expect(requests).toHaveLength(1)
    },
  )

  test('refuses what a fetch that follows redirects all the same brought back', async () => {
    answer = (res, req) => {
      if (req.url === '/jwks') res.writeHead(302, { location: '/elsewhere' }).end()
      else json('{}')(res, req)
    }
    await failure(get({ fetch: (target, init) => fetch(target, { ...init, redirect: 'follow' }) }))
    expect(requests).toHaveLength(2)
  })

  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '120' }, 120],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Sun, 06 Nov 1994 08:50:37 GMT', date: 'Sun, 06 Nov 1994 08:49:37 GMT' }, 60],
    [{ 'retry-after': 'Sun, 06 Nov 1994 08:48:37 GMT', date: 'Sun, 06 Nov 1994 08:49:37 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': '9'.repeat(40) }, undefined],
    [{}, undefined],
  ])('reads Retry-After from %j (RFC 9110 section 10.2.3)', async (headers, seconds) => {
    answer = (res) => res.writeHead(503, headers).end()
    expect((await failure(get())).retryAfterSeconds).toBe(seconds)
  })

  test.each<[Record<string, string>, number | undefined]>([
    [{ 'cache-control': 'max-age=300' }, 300],
    [{ 'cache-control': 'public, Max-Age=300, must-revalidate' }, 300],
    [{ 'cache-control': 'max-age=300', age: '100' }, 200],
    [{ 'cache-control': 'max-age=300', age: '400' }, 0],
    [{ 'cache-control': 'max-age=300', age: 'old' }, 300],
    [{ 'cache-control': 'max-age=300, no-cache' }, 0],
    [{ 'cache-control': 'no-store' }, 0],
    [{ 'cache-control': 's-maxage=300' }, undefined],
    [{ 'cache-control': 'max-age=-1' }, undefined],
    [{ 'cache-control': 'max-age=1e3' }, undefined],
    [{ 'cache-control': 'max-age=' }, undefined],
    [{ 'cache-control': 'public' }, undefined],
    [{}, undefined],
  ])('reads max-age from %j (RFC 9111 section 5.2.2)', async (headers, seconds) => {
    answer = json('{}', headers)
    expect((await get()).maxAgeSeconds).toBe(seconds)
  })

  test('reads a body of exactly the cap, and not one byte more', async () => {
    answer = json(`{"a":"${'x'.repeat(100)}"}`)
    expect((await get({ maxBytes: 108 })).document).toEqual({ a: 'x'.repeat(100) })
    expect((await failure(get({ maxBytes: 107 }))).message).toBe(`${url} answered with more than 107 bytes`)
  })

  test('counts a compressed body after decompression', async () => {
    const bomb = gzipSync(`{"a":"${'x'.repeat(10_000_000)}"}`)
    expect(bomb.length).toBeLessThan(20_000)
    answer = json(bomb, { 'content-encoding': 'gzip' })
    expect((await failure(get({ maxBytes: 20_000 }))).message).toBe(`${url} answered with more than 20000 bytes`)
    answer = json(gzipSync('{"a":1}'), { 'content-encoding': 'gzip' })
    expect((await get()).document).toEqual({ a: 1 })
  })

  test('ends a body without end as soon as it is too long', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        const more = (): void => {
          if (!res.destroyed) res.write('x'.repeat(16_384), () => setImmediate(more))
        }
        res.on('close', resolve)
        more()
      }
    })
    expect((await failure(get())).message).toBe(`${url} answered with more than 1024 bytes`)
    await closed
  })

  test('hangs up on a body that it does not read', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (res) => {
        res.writeHead(500, { 'content-type': 'application/json' })
        res.on('close', resolve)
        res.write('{')
      }
    })
    await failure(get())
    await closed
  })

  test('ends with the signal where no answer comes', async () => {
    const controller = new AbortController()
    const closed = new Promise<void>((resolve) => {
      answer = (res) => {
        res.on('close', resolve)
        controller.abort()
      }
    })
    expect((await failure(get({ signal: controller.signal }))).message).toBe(`${url} did not answer in time`)
    await closed
  })

  test('ends with the signal in the middle of a body', async () => {
    const controller = new AbortController()
    const closed = new Promise<void>((resolve) => {
      answer = (res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        res.on('close', resolve)
        res.write('{')
      }
    })
    const dripping: Fetch = async (target, init) => {
      const response = await platform(target, init)
      setImmediate(() => {
        controller.abort()
      })
      return response
    }
    const error = await failure(get({ signal: controller.signal, fetch: dripping }))
    expect(error.message).toBe(`${url} did not answer in time`)
    await closed
  })

  test('ends with the signal even where fetch does not listen to it', async () => {
    const controller = new AbortController()
    const deaf: Fetch = () => {
      setImmediate(() => {
        controller.abort()
      })
      return new Promise(() => undefined)
    }
    expect((await failure(get({ signal: controller.signal, fetch: deaf }))).message).toBe(
      `${url} did not answer in time`,
    )
  })

  test('does not leave the body streaming that a deaf fetch brings after the end', async () => {
    const controller = new AbortController()
    const cancelled = new Promise<string>((resolve) => {
      const late: Fetch = () =>
        new Promise((respond) => {
          controller.signal.addEventListener('abort', () => {
            setImmediate(() => {
              const body = new ReadableStream({
                cancel: () => {
                  resolve('cancelled')
                },
              })
              respond(new Response(body, { headers: { 'content-type': 'application/json' } }))
              // By then a canceller has had its turn.
              setImmediate(() =>
                setImmediate(() => {
                  resolve('left open')
                }),
              )
            })
          })
        })
      void failure(get({ signal: controller.signal, fetch: late }))
    })
    controller.abort()
    expect(await cancelled).toBe('cancelled')
  })

  test('ends at once with a signal that was aborted before', async () => {
    answer = json('{}')
    await failure(get({ signal: AbortSignal.abort() }))
    expect(requests).toHaveLength(0)
  })

  test('goes through a proxy with the fetch of undici', async () => {
    const tunnels: string[] = []
    const proxy = createServer().on('connect', ({ url: target = '' }: IncomingMessage, socket: Duplex) => {
      tunnels.push(target)
      const [host, port] = target.split(':')
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const dispatcher = new ProxyAgent(`http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`)
    answer = json('{"keys":[]}')
    const { document } = await get({ fetch: (target, init) => undiciFetch(target, { ...init, dispatcher }) })
    expect(document).toEqual({ keys: [] })
    expect(tunnels).toEqual([new URL(url).host])
    await dispatcher.destroy()
    proxy.close()
  })

  test('leaves no listener on the signal', async () => {
    answer = json('{"a":1}')
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    const fetchWithoutSignal: Fetch = (target, init) => platform(target, { ...init, signal: null })
    Object.assign(signal, {
      addEventListener: (...parameters: Parameters<typeof add>) => {
        listeners++
        add(...parameters)
      },
      removeEventListener: (...parameters: Parameters<typeof remove>) => {
        listeners--
        remove(...parameters)
      },
    })
    await get({ signal, fetch: fetchWithoutSignal })
    expect(listeners).toBe(0)
  })

  /** Whatever somebody's `fetch` may reject with. */
  const rejected = async (cause: unknown): Promise<never> => {
    await Promise.resolve()
    throw cause
  }
  // As undici, Node's `fetch`, nests them.
  const failed = (cause: unknown) => new TypeError('fetch failed', { cause })
  const coded = (code: unknown) => Object.assign(new Error('getaddrinfo https://key:s3cret@login'), { code })

  const UNKNOWN_NAME = 'its name is not known here: look at the spelling, DNS, and whether a proxy is needed'

  test.each<[name: string, cause: unknown, said: string]>([
    ['a name that nobody knows', failed(coded('ENOTFOUND')), `: ENOTFOUND (${UNKNOWN_NAME})`],
    ['a name that cannot be looked up', failed(coded('EAI_AGAIN')), `: EAI_AGAIN (${UNKNOWN_NAME})`],
    ...[
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code): [string, unknown, string] => [
      `a certificate of a private authority, ${code}`,
      failed(coded(code)),
      `: ${code} (no authority that Node trusts vouches for its certificate; a private one is named in NODE_EXTRA_CA_CERTS)`,
    ]),
    [
      'a certificate of another name',
      failed(coded('ERR_TLS_CERT_ALTNAME_INVALID')),
      ': ERR_TLS_CERT_ALTNAME_INVALID (its certificate is for another name)',
    ],
    [
      'a certificate that has expired',
      failed(coded('CERT_HAS_EXPIRED')),
      ': CERT_HAS_EXPIRED (its certificate has expired)',
    ],
    [
      'addresses that all refuse',
      failed(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })),
      ': ECONNREFUSED (nobody listens there)',
    ],
    [
      'an error of its own',
      coded('UND_ERR_CONNECT_TIMEOUT'),
      ': UND_ERR_CONNECT_TIMEOUT (it cannot be reached: is a proxy needed?)',
    ],
    ['a code that says enough', coded('UND_ERR_SOCKET'), ': UND_ERR_SOCKET'],
    ['an error without a code', new TypeError('refused'), ''],
    ['a code that is a number', coded(20), ''],
    ['a code that is a sentence', coded('GET https://login/?key=s3cret'), ''],
    ['no error', 'https://login/?key=s3cret', ''],
    ['nothing', undefined, ''],
    [
      'an error that is its own cause',
      Object.defineProperty(new Error('a'), 'cause', {
        get(this: Error) {
          return this
        },
      }),
      '',
    ],
    [
      'an error that cannot be read',
      Object.defineProperty(new Error('a'), 'code', {
        get: () => {
          throw new Error('b')
        },
      }),
      '',
    ],
  ])('names the URL and the code of %s, and keeps nothing of it', async (_name, cause, said) => {
    const error = await failure(get({ fetch: () => rejected(cause) }))
    expect(error.message).toBe(`${url} could not be fetched${said}`)
    expect(error.cause).toBeUndefined()
    expect(error.status).toBeUndefined()
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('s3cret')
  })

  test('says that nobody listens there, as the platform does', async () => {
    const closed = createServer()
    await once(closed.listen(0, '127.0.0.1'), 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const limits = { signal: new AbortController().signal, maxBytes: 1024 }
    const error = await failure(fetchJson(platform, `http://127.0.0.1:${String(port)}/jwks`, limits))
    expect(error.message).toMatch(/could not be fetched: ECONNREFUSED \(nobody listens there\)$/)
  })

  test.each<[name: string, answer: Answer]>([
    ['an error', (res) => res.writeHead(500).end()],
    ['a page', json('<html>', { 'content-type': 'text/html' })],
    ['nonsense', json('{')],
    ['too much', json(`{"a":"${'x'.repeat(2000)}"}`)],
    ['nothing', (res) => res.destroy()],
  ])('never repeats the query, where an API key may stand: %s', async (_name, reply) => {
    answer = reply
    const limits = { signal: new AbortController().signal, maxBytes: 1024 }
    const error = await failure(fetchJson(platform, `${url}?api_key=s3cret#s3cret`, limits))
    expect(error.message).toContain(`${url}?... `)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('s3cret')
  })

  test('takes a fetch that throws rather than rejects for one that rejects', async () => {
    const error = await failure(
      get({
        fetch: () => {
          throw new Error('no')
        },
      }),
    )
    expect(error.message).toBe(`${url} could not be fetched`)
  })

  test('answers a body that breaks off with an error', async () => {
    answer = (res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      res.write('{"a":1}', () => res.destroy())
    }
    expect((await failure(get())).message).toMatch(/could not be fetched(?:: [A-Z_]+)?$/)
  })
})

describe('a response that somebody else wrote', () => {
  const reply = (body: object, init: object = {}): Fetch => {
    const headers = new Headers({ 'content-type': 'application/json' })
    return () => Promise.resolve({ status: 200, redirected: false, headers, body, ...init } as unknown as Response)
  }
  const streamOf = (read: () => unknown, cancel: () => unknown = () => undefined) => ({
    getReader: () => ({ read, cancel }),
  })
  const chunks = (...values: readonly unknown[]) => {
    const rest = [...values]
    return () => (rest.length === 0 ? { done: true } : { done: false, value: rest.shift() })
  }
  const bytes = new TextEncoder().encode('{"keys":[]}')

  test('is read by what it can do', async () => {
    expect(await get({ fetch: reply(streamOf(chunks(bytes))) })).toMatchObject({ document: { keys: [] } })
  })

  test.each<[name: string, cancel: () => unknown]>([
    ['throws', () => throwError()],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['never settles', () => new Promise(() => undefined)],
    ['answers with a thenable that throws', () => ({ then: throwError })],
  ])('may have a cancel() that %s', async (_name, cancel) => {
    expect(await get({ fetch: reply(streamOf(chunks(bytes), cancel)) })).toMatchObject({ document: { keys: [] } })
    const { message } = await failure(get({ fetch: reply(streamOf(chunks(bytes), cancel), { status: 500 }) }))
    expect(message).toContain('status 500')
  })

  test.each<[name: string, value: unknown]>([
    ['texts', 'text'],
    ['nothing', undefined],
    ['objects that say they are short', { byteLength: 0 }],
  ])('is an error when its body is made of %s', async (_name, value) => {
    await failure(get({ fetch: reply(streamOf(chunks(value))) }))
  })

  test('is an error when its body is made of nothing but empty pieces, however many', async () => {
    let reads = 0
    const read = () => {
      reads++
      return { done: false, value: new Uint8Array(0) }
    }
    const { message } = await failure(get({ fetch: reply(streamOf(read)) }))
    expect(message).toContain('more than 1024 bytes')
    expect(reads).toBe(1025)
  })

  test.each<[name: string, fetch: Fetch]>([
    ['is a text', (() => 'text') as unknown as Fetch],
    ['is nothing', (() => undefined) as unknown as Fetch],
    ['has no status', reply({}, { status: undefined })],
    ['has no headers', reply(streamOf(chunks(bytes)), { headers: undefined })],
    ['has a body without a reader', reply({})],
    ['has headers that are no texts', reply(streamOf(chunks(bytes)), { headers: { get: () => 1 } })],
  ])('is an error when it %s', async (_name, fetch) => {
    await failure(get({ fetch }))
  })
})

function throwError(): never {
  throw new Error('no')
}

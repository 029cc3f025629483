import { readFileSync } from 'node:fs'

/** Whole requests, ready to be sent. They are views on one block of memory: a token costs its bytes and little more. */
export type Requests = readonly Uint8Array[]

/** How the tokens of a pool are to be sent. */
export type Spoiling = 'none' | 'malformed' | 'bad-signature' | 'unknown-kid'

const HEAD = 'GET / HTTP/1.1\r\nHost: api.example.com\r\nAuthorization: Bearer '
const TAIL = '\r\n\r\n'

/** Makes a request of each of the first `count` tokens in these files. */
export function readRequests(
  files: readonly string[],
  { count, spoiling }: { count: number; spoiling: Spoiling },
): Requests {
  const requests: Uint8Array[] = []
  for (const file of files) {
    const tokens = readFileSync(file, 'latin1').trimEnd().split('\n')
    const wanted = tokens.slice(0, count - requests.length).map((token, index) => spoil(token, { spoiling, index }))
    // One block for each file: half a million buffers of their own would be slow to make and to collect.
    const block = Buffer.from(wanted.map((token) => `${HEAD}${token}${TAIL}`).join(''), 'latin1')
    let from = 0
    for (const token of wanted) {
      const to = from + HEAD.length + token.length + TAIL.length
      requests.push(block.subarray(from, to))
      from = to
    }
    if (requests.length >= count) break
  }
  if (requests.length < count)
    throw new Error(`${String(count)} tokens are needed, the pool has ${String(requests.length)}.`)
  return requests
}

function spoil(token: string, { spoiling, index }: { spoiling: Spoiling; index: number }): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  switch (spoiling) {
    case 'none':
      return token
    case 'malformed':
      return malformed(index, { header, payload, signature })
    case 'bad-signature':
      return [header, payload, alter(signature)].join('.')
    case 'unknown-kid': {
      const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
      const renamed = JSON.stringify({ ...members, kid: `made-up-${String(index)}` })
      return [Buffer.from(renamed).toString('base64url'), payload, signature].join('.')
    }
  }
}

/** Another signature of the same size: canonical base64url, and for RSA still a number below the modulus. */
function alter(signature: string): string {
  const at = signature.length - 8
  return `${signature.slice(0, at)}${signature[at] === 'A' ? 'B' : 'A'}${signature.slice(at + 1)}`
}

/** What is no JWT in one of a few ways, as scanners and broken clients send it. */
function malformed(index: number, parts: { header: string; payload: string; signature: string }): string {
  const { header, payload, signature } = parts
  const ways = [
    `${payload}${signature}`,
    `${header}.${payload}`,
    `${header}.${payload.slice(1)}.${signature}`,
    `${header}.${payload}.${signature}=`,
    `${header.slice(0, -5)}.${payload}.${signature}`,
  ]
  return ways[index % ways.length] ?? ''
}

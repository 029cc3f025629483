import { Agent, request, type IncomingMessage } from 'node:http'
import type { ReasonCode } from 'express-resource-server'
import { limits } from './settings.js'
import type { Shot } from './traffic.js'
import type { Verdict } from './verdicts.js'

/** What came back: a verdict, and whatever is wrong with its form. */
export interface Answer {
  readonly verdict: Verdict | 'no answer'
  readonly faults: readonly string[]
  readonly from: number
  readonly to: number
}

export interface Client {
  send(shot: Shot): Promise<Answer>
  close(): void
}

interface Received {
  readonly response: IncomingMessage
  readonly body: string
}

/** A request may wait for a fetch that is under way and for one of its own, and no longer. */
const GIVE_UP_MS = 2 * (limits.timeoutMs + limits.slackMs)
const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** Sends over keep-alive connections to this machine. */
export function createClient(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 400 })
  return {
    async send(shot) {
      const from = Date.now()
      try {
        const received = await exchange(shot, { agent, port })
        const { verdict, faults } = read(received, shot)
        return { verdict, faults: [...faults, ...leaksOf(received, shot)], from, to: Date.now() }
      } catch (error) {
        return { verdict: 'no answer', faults: [String(error)], from, to: Date.now() }
      }
    },
    close: () => {
      agent.destroy()
    },
  }
}

function exchange({ authorization }: Shot, { agent, port }: { agent: Agent; port: number }): Promise<Received> {
  return new Promise((resolve, reject) => {
    // A flat list goes out as it is, so that a field may come twice.
    const headers = ['Host', `127.0.0.1:${String(port)}`, ...authorization.flatMap((value) => ['Authorization', value])]
    const options = { agent, port, host: '127.0.0.1', path: '/orders', headers, timeout: GIVE_UP_MS }
    const outgoing = request(options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        resolve({ response, body })
      })
      response.on('error', reject)
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function read({ response, body }: Received, shot: Shot): { verdict: Verdict; faults: readonly string[] } {
  const { statusCode, headers } = response
  const json = JSON.parse(body) as Record<string, unknown>
  if (statusCode === 200) {
    const { issuer, subject } = shot.identity
    const same = json['issuer'] === issuer && json['subject'] === subject
    return { verdict: 'accepted', faults: same ? [] : ['granted as somebody else'] }
  }
  const faults: string[] = []
  const want = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  want(json['status'] === statusCode, 'the body names another status')
  want(headers['content-type'] === PROBLEM_MEDIA_TYPE, 'the body is not problem+json')
  want(headers['set-cookie'] === undefined, 'it sets a cookie')
  const challenge = headers['www-authenticate']
  if (statusCode === 503) {
    want(/^[1-9]\d*$/.test(headers['retry-after'] ?? ''), '503 without Retry-After')
    want(challenge === undefined, '503 with a challenge')
  } else {
    want(challenge === challengeFor(json), `its challenge is ${String(challenge)}`)
    want(statusCode === 400 || headers['cache-control'] === 'no-store', 'it may be stored')
  }
  // The table of reasons names every code; another one is no right verdict of any request.
  return { verdict: json['code'] as ReasonCode, faults }
}

/** RFC 6750 section 3: no error information without credentials, and the scopes where they are what is missing. */
function challengeFor({ error, error_description: text }: Readonly<Record<string, unknown>>): string {
  if (typeof error !== 'string') return 'Bearer realm="api"'
  const scopes = error === 'insufficient_scope' ? ', scope="orders:read"' : ''
  return `Bearer realm="api", error="${error}", error_description="${String(text)}"${scopes}`
}

/** Nothing of a token may come back. */
function leaksOf({ response, body }: Received, { authorization }: Shot): readonly string[] {
  const sent = authorization
    .flatMap((value) => value.replace(/^\w+ /, '').split('.'))
    .filter(({ length }) => length > 8)
  const came = `${response.rawHeaders.join('\n')}\n${body}`
  return sent.some((segment) => came.includes(segment)) ? ['a part of the token came back'] : []
}

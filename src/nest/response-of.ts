import type { ArgumentsHost } from '@nestjs/common'
import type { RefusalError } from '../errors.js'
import { ofGraphQL } from './request-of.js'

/** What a refusal needs of a response to answer it. */
type Answer = Parameters<RefusalError['send']>[0]

/** What is used of a reply of Fastify's. */
interface Reply {
  readonly raw: unknown
  code(status: number): unknown
  header(name: string, value: string): unknown
  send(body: Buffer): unknown
}

/** Finds the response to a call, HTTP or GraphQL, whichever adapter made it; in GraphQL there may be none. */
export function responseOf(host: ArgumentsHost): Answer | undefined {
  const response: unknown = host.getType<string>() === 'graphql' ? ofGraphQL(host).res : host.getArgByIndex(1)
  if (typeof response !== 'object' || response === null) return undefined
  return isReply(response) ? answerBy(response) : (response as Answer) // Express's is Node's own
}

function isReply(response: object): response is Reply {
  return 'raw' in response && 'code' in response && 'header' in response
}

/** By Fastify and not past it: what its plugins put on a reply, CORS say, belongs on a refusal too. */
function answerBy(reply: Reply): Answer {
  return {
    set statusCode(status: number) {
      reply.code(status)
    },
    setHeader: (name, value) => reply.header(name, value),
    // To a text it would add a charset.
    end: (body) => reply.send(Buffer.from(body)),
  }
}

import { Inject, Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { RefusalError } from '../errors.js'
import type { ResourceServer } from '../resource-server/resource-server.js'
import { judgementFor } from './judgements.js'
import { RefusalException } from './refusal-exception.js'
import { requestOf, seenRequestOf } from './request-of.js'
import { NOTHING, wordOf, type Word } from './requirements.js'
import { RESOURCE_SERVER } from './resource-server-token.js'
import { responseOf } from './response-of.js'

/**
 * Lets in a request with a good token that does what the handler `@Requires`. `ResourceServerModule` puts it before every
 * route, unless told not to; then `@Requires` brings it, or `@UseGuards(ResourceServerGuard)` does.
 */
export class ResourceServerGuard implements CanActivate {
  constructor(private readonly server: ResourceServer) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const word = wordOf(context)
    if (word.isPublic) return true
    try {
      await judge(this.server, context, word)
    } catch (error) {
      throw error instanceof RefusalError ? toException(error, context) : error
    }
    return true
  }
}

Injectable()(ResourceServerGuard)
Inject(RESOURCE_SERVER)(ResourceServerGuard, undefined, 0)

async function judge(
  server: ResourceServer,
  context: ExecutionContext,
  { isOptional, requirement: required }: Word,
): Promise<void> {
  const judgement = judgementFor(requestOf(context), server)
  // It stands before every route, and again where a route brings it.
  const isHttp = context.getType() === 'http'
  if (isHttp && judgement.granted === context.getHandler()) return
  const isHeld = judgement.auth !== undefined
  const auth = isOptional ? await judgement.authenticateIfPresented() : await judgement.authenticate()
  // In GraphQL a request may live for long, and its token end meanwhile.
  const requirement = required ?? (isHeld ? NOTHING : undefined)
  if (requirement !== undefined) {
    const refusal = await server.authorize(auth, requirement, seenRequestOf(context))
    if (refusal !== undefined) throw refusal
  }
  judgement.granted = context.getHandler()
}

function toException(refusal: RefusalError, context: ExecutionContext): Error {
  const isHttp = context.getType() === 'http'
  if (isHttp && refusal.status === 404) return notFound(context)
  const response = responseOf(context)
  for (const [name, value] of Object.entries(refusal.headers)) response?.setHeader(name, value)
  return new RefusalException(refusal)
}

/** As NestJS says of a path that is not there. */
function notFound(context: ExecutionContext): NotFoundException {
  const { method, originalUrl } = context.switchToHttp().getRequest<{ method: string; originalUrl: string }>()
  return new NotFoundException(`Cannot ${method} ${originalUrl}`)
}

// Compiled with the declarations of every package checked, where there is no Express and there are no types of it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  allOf,
  createResourceServer,
  owner,
  RefusalError,
  role,
  scope,
  type Auth,
  type HttpRequest,
  type Policy,
  type ResourceServer,
} from 'express-resource-server/core'

const server: ResourceServer = createResourceServer({ issuer: 'https://login.example.com', audience: 'a' })
const mayRead = allOf(scope('orders:read'), role('clerk'))
const own = owner(({ url }: Request) => new URL(url).searchParams.get('owner'))
const forThem: Policy<Auth['claims'], HttpRequest> = (auth, { method }) => auth.subject === 'user-1' && method === 'GET'

export async function answer(request: Request): Promise<Response> {
  try {
    const auth = await server.authenticate(request)
    const refusals = [
      await server.authorize(auth, mayRead, request),
      await server.authorize(auth, allOf(own, forThem), request),
      await server.authorize(auth, (_auth, { url }) => url.endsWith('/orders'), request),
    ]
    return refusals.find((one) => one !== undefined)?.toResponse() ?? Response.json({ for: auth.subject })
  } catch (error) {
    if (error instanceof RefusalError) return error.toResponse()
    throw error
  }
}

export async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const auth: Auth | undefined = await server.authenticateIfPresented(req)
  const refusal = await server.authorize(auth, mayRead, req)
  if (refusal !== undefined) refusal.send(res)
  // @ts-expect-error What a policy asks for, this request does not have.
  await server.authorize(auth, own, req)
  // @ts-expect-error An option of Express.
  createResourceServer({ issuer: 'a', audience: 'b', onError: () => undefined })
}

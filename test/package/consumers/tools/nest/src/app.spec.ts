import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { createTestIssuer } from 'express-resource-server/testing'
import { AppModule } from './app.module'
import { judge } from '../../story.cjs'

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('the entry for NestJS on %s', (_name, createAdapter) => {
  test('tells the story', async () => {
    const issuer = await createTestIssuer()
    const app = await NestFactory.create(AppModule.with(issuer.options), createAdapter(), { logger: false })
    await app.listen(0, '127.0.0.1')
    const url = await app.getUrl()
    const ask = async (path: string, authorization?: string) => {
      const response = await fetch(`${url}/${path}`, { headers: authorization === undefined ? {} : { authorization } })
      return {
        status: response.status,
        body: await response.json(),
        challenge: response.headers.get('www-authenticate'),
        retryAfter: response.headers.get('retry-after'),
      }
    }
    await judge(issuer, (authorization?: string) => ask('orders', authorization))
    expect((await ask('health')).status).toBe(200)
    const undecided = await ask('undecided', `Bearer ${await issuer.accessToken()}`)
    expect([undecided.status, undecided.retryAfter]).toEqual([503, '7'])
    await app.close()
  })
})

import type { Server } from 'node:http'
import { Controller, Logger, Module, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import request from 'supertest'

/** Puts decorators on a class, its methods and their first parameters: the compiler of these tests has none. */
export function decorate<Class extends Type>(
  target: Class,
  onMethods: Readonly<Record<string, readonly MethodDecorator[]>>,
  onClass: readonly ClassDecorator[] = [Controller()],
  onParameters: Readonly<Record<string, ParameterDecorator>> = {},
): Class {
  const prototype = target.prototype as object
  for (const [name, decorators] of Object.entries(onMethods)) {
    for (const decorator of decorators.toReversed()) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
      if (descriptor === undefined) throw new Error(`There is no method ${name}.`)
      Object.defineProperty(prototype, name, decorator(prototype, name, descriptor) ?? descriptor)
    }
  }
  for (const [name, decorator] of Object.entries(onParameters)) decorator(prototype, name, 0)
  for (const decorator of onClass.toReversed()) decorator(target)
  return target
}

const apps: INestApplication[] = []

/** Ends what was started: for `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const app of apps.splice(0)) await app.close()
}

const adapters = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
}
export type AdapterName = keyof typeof adapters
export const adapterNames = Object.keys(adapters) as AdapterName[] // its own

/** Starts an application, without a port. */
export async function start(
  name: AdapterName,
  metadata: ModuleMetadata,
  setUp: (app: INestApplication) => void = () => undefined,
): Promise<Ask> {
  Logger.overrideLogger(false)
  class App {
    readonly name = 'app'
  }
  Module(metadata)(App)
  const options: object = { abortOnError: false } // its type is a class that nobody makes
  const app = await NestFactory.create(App, adapters[name](), options)
  apps.push(app)
  setUp(app)
  await app.init()
  // Fastify takes requests when its plugins are there.
  const instance = app.getHttpAdapter().getInstance() as { ready?: () => Promise<unknown> } // of Nest's any
  await instance.ready?.()
  return asking(app.getHttpServer() as Server)
}

export interface Seen {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}
export type Ask = (path: string, token?: string) => Promise<Seen>

const NAMES = ['www-authenticate', 'cache-control', 'retry-after', 'content-type', 'content-length']

export function asking(server: Server): Ask {
  return async (path, token) => {
    const asked = request(server).get(path)
    const { status, text, headers } = await (token === undefined
      ? asked
      : asked.set('Authorization', `Bearer ${token}`))
    const all = headers as Readonly<Record<string, unknown>>
    return { status, text, headers: Object.fromEntries(NAMES.map((name) => [name, all[name]])) }
  }
}

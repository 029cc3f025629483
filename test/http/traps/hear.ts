import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { jest } from '@jest/globals'
import express, { type Express, type RequestHandler } from 'express'
import {
  ConfigurationError,
  createResourceServer,
  requireAuth,
  type EventMessages,
  type RequireAuthOptions,
} from 'express-resource-server'
import { createTestIssuer, type TestIssuer, type TestIssuerOptions } from 'express-resource-server/testing'
import request, { type Response } from 'supertest'

/** Traps by the names that the page gives them. */
export type Traps = Readonly<Record<string, Trap>>

interface Trap {
  /** Walks into it. */
  readonly run: (ear: Ear) => Promise<void> | void
  /** What the one who runs the API reads, among all that is said. */
  readonly says: RegExp
}

/** What was said meanwhile, to whoever runs the API. */
export interface Told {
  /** Codes of refusals and of warnings, events, and `ConfigurationError`. */
  readonly names: ReadonlySet<string>
  /** Details, reasons, hints, messages: all of them. */
  readonly text: string
}

const EVENTS: readonly (keyof EventMessages)[] = [
  'token.refused',
  'token.undecided',
  'access.denied',
  'keys.refreshed',
  'keys.failed',
]

/** Walks into a trap, and hears what is said. */
export async function hear(run: Trap['run']): Promise<Told> {
  const ear = new Ear()
  const listener = (message: unknown, channel: string | symbol): void => {
    ear.hear(String(channel).replace('express-resource-server:', ''), JSON.stringify(message))
    if (typeof message === 'object' && message !== null && 'code' in message) ear.hear(String(message.code))
  }
  for (const name of EVENTS) subscribe(`express-resource-server:${name}`, listener)
  const emit = jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    ear.hear((options as { code: string }).code, String(message))
  })
  try {
    await run(ear)
  } finally {
    emit.mockRestore()
    for (const name of EVENTS) unsubscribe(`express-resource-server:${name}`, listener)
  }
  return { names: ear.names, text: ear.texts.join('\n') }
}

/** Hears, and sets up what there is to hear. */
class Ear {
  readonly names = new Set<string>()
  readonly texts: string[] = []

  hear(name: string, text = ''): void {
    this.names.add(name)
    this.texts.push(`${name} ${text}`)
  }

  /** Does what must fail for the programmer, at start-up. */
  atStart(work: () => unknown): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      this.hear('ConfigurationError', error.message)
      return
    }
    throw new Error('It was taken without a word.')
  }

  /** Makes an auth middleware of these options, which may be anything. */
  configure(options: object): void {
    requireAuth(options)
  }

  issuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
    return createTestIssuer({ algorithm: 'ES256', ...options })
  }

  /** An API behind an auth middleware, or behind several, that answers 200. */
  api(...middleware: readonly RequestHandler[]): Express {
    const app = express()
    app.get('/', ...middleware, (_req, res) => {
      res.json({ reached: true })
    })
    return app
  }

  /** Sends a token, or anything else that may stand in `Authorization`. */
  async send(app: Express, credentials: string): Promise<Response> {
    return request(app)
      .get('/')
      .set('Authorization', credentials.includes(' ') ? credentials : `Bearer ${credentials}`)
  }

  /** Sends a token to an API of its own, and says the status. */
  async judge(options: RequireAuthOptions, token: string, ...guards: readonly RequestHandler[]): Promise<number> {
    return (await this.send(this.api(requireAuth(options), ...guards), token)).status
  }

  /** Reads the report on a token. */
  async explain(options: RequireAuthOptions, token: string): Promise<void> {
    this.texts.push(JSON.stringify(await createResourceServer(options).explainToken(token)))
  }
}

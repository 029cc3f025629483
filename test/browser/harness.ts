import { jest } from '@jest/globals'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { findChromium, findHeadlessShell, launchOptions } from '../../examples/browser/stage/chromium.js'
import { startWorld, type World, type WorldOptions } from '../../examples/browser/world.js'

const executablePath = findChromium()

/** `describe`, or a skip where there is no browser; chromium.test.ts says so, or fails if REQUIRE_SERVICES is set. */
export const describeInBrowser = executablePath === undefined ? describe.skip : describe

export const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/

/** Somebody at a browser of their own, and everything that this browser was given. */
export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** The URL, headers and body of every answer that a page could see; `Set-Cookie` is for the browser alone. */
  readonly answers: readonly string[]
  /** Every `Set-Cookie`, with the value taken out: `name=...; Path=/`. */
  readonly cookies: readonly string[]
  /** Resolves when every answer so far is in `answers`. */
  settled(): Promise<void>
}

export interface Stage {
  readonly world: World
  readonly browser: Browser
  newVisitor(): Promise<Visitor>
}

/** One for all stages of a file. */
let launched: Promise<Browser> | undefined

function launch(path: string): Promise<Browser> {
  // Playwright turns the back-forward cache off; browsers of people have it.
  return chromium.launch({
    ...launchOptions,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    executablePath: path,
  })
}

afterAll(async () => {
  await (await launched)?.close()
})

/** Generous: no test is about time, and machines are busy. */
const TIMEOUT_MILLISECONDS = 60_000

/**
 * One world for all tests of a stage, and one browser for all stages of a file; every visitor starts with empty pockets.
 *
 * @param isWhole - Whether pages are to be kept for those who go back to them, as only the whole browser does.
 */
export function setStage(
  options: Partial<WorldOptions> | (() => Promise<Partial<WorldOptions>>) = {},
  isWhole = false,
): Stage {
  jest.setTimeout(180_000)
  let world: World | undefined
  let browser: Browser | undefined
  const contexts: BrowserContext[] = []
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('The stage is not set yet.')
    return value
  }
  beforeAll(async () => {
    world = await startWorld({ port: 0, ...(typeof options === 'function' ? await options() : options) })
    const path = (isWhole ? undefined : findHeadlessShell()) ?? executablePath
    browser = await (launched ??= launch(there(path)))
  }, 60_000)
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
  })
  afterAll(async () => {
    await world?.close()
  })
  return {
    get world() {
      return there(world)
    },
    get browser() {
      return there(browser)
    },
    async newVisitor() {
      const context = await there(browser).newContext({ reducedMotion: 'reduce' })
      contexts.push(context)
      return watch(context)
    },
  }
}

/** Writes down what a browser is given. */
export async function watch(context: BrowserContext): Promise<Visitor> {
  context.setDefaultTimeout(TIMEOUT_MILLISECONDS)
  const answers: string[] = []
  const cookies: string[] = []
  const pending = new Set<Promise<unknown>>()
  const read = (reading: Promise<void>): void => {
    const settled = reading.catch(() => undefined).finally(() => pending.delete(settled))
    pending.add(settled)
  }
  context.on('response', (response) => {
    const write = async (): Promise<void> => {
      for (const { name, value } of await response.headersArray()) {
        if (name.toLowerCase() === 'set-cookie') cookies.push(value.replace(/=[^;]*/, '=...'))
        else answers.push(`${response.url()} ${name}: ${value}`)
      }
    }
    read(write())
  })
  context.on('requestfinished', (request) => {
    const write = async (): Promise<void> => {
      const response = await request.response()
      answers.push(`${request.url()} ${(await response?.text().catch(() => '')) ?? ''}`)
    }
    read(write())
  })
  const page = await context.newPage()
  return {
    context,
    page,
    answers,
    cookies,
    async settled() {
      await Promise.all(pending)
    },
  }
}

/** What every script of a page can read without asking anybody. */
export function readable(page: Page): Promise<string> {
  return page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')
}

/** The value of a cookie that this browser holds, `HttpOnly` or not. */
export async function cookieValue({ context }: Visitor, name: string): Promise<string | undefined> {
  return (await context.cookies()).find((cookie) => cookie.name === name)?.value
}

/** The access tokens that a page sent to the API, in order. */
export function watchVisas(page: Page, api: string): readonly string[] {
  const visas: string[] = []
  page.on('request', (request) => {
    const { authorization } = request.headers()
    if (request.url().startsWith(api) && authorization !== undefined) visas.push(authorization.replace('Bearer ', ''))
  })
  return visas
}

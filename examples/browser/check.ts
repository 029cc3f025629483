import { deepStrictEqual, match } from 'node:assert/strict'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Origins } from './stage/addresses.js'
import { findChromium, launchOptions, noChromium } from './stage/chromium.js'
import { findRedisServer, startRedisServer } from '../processes/redis-server.js'
import { press, signIn, signOut, type Seen } from './stage/visitor.js'
import { startWorld, type World } from './world.js'

interface Step {
  readonly title: string
  readonly take: (page: Page, origins: Origins, world: World) => Promise<void>
}

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/

const shows = (stamp: string, code: string) => ({ stamp, code })
const short = ({ stamp, code }: Seen) => ({ stamp, code })

/** The journey that the board is made for, in the order in which a speaker would show it. */
const journey: readonly Step[] = [
  {
    title: 'In memory: sign in, and the visa opens the border',
    async take(page, { app }) {
      await signIn(page, app)
      deepStrictEqual(short(await press(page, 'Show the visa')), shows('200 let in', ''))
    },
  },
  ...refusals('In memory', [
    'Show the passport',
    'A visa for elsewhere',
    'A visa that lacks a stamp',
    'A visa of an hour ago',
  ]),
  {
    title: 'In memory: a reload keeps the user signed in',
    async take(page) {
      await page.reload()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      deepStrictEqual(short(await press(page, 'Show the visa')), shows('200 let in', ''))
    },
  },
  {
    title: 'In memory: nothing that a script can read without asking is a token',
    async take(page) {
      deepStrictEqual(TOKEN.test(await readable(page)), false)
    },
  },
  {
    title: 'Siblings: no cookie of theirs is taken for one of ours, and no image of theirs signs anybody out',
    async take(page, { app, careless }) {
      const sibling = await page.context().newPage()
      await sibling.goto(careless)
      deepStrictEqual((await press(sibling, 'Plant a cookie')).stamp, 'Refused by name')
      deepStrictEqual((await press(sibling, 'Sign out by <img>')).stamp, 'Sent')
      await sibling.close()
      await page.goto(app)
      await page.getByText('Signed in as ada.').waitFor()
    },
  },
  {
    title: 'In memory: injected script gets one visa and no renewal',
    async take(page) {
      const { text } = await press(page, 'Inject a script')
      match(text, /The line would have carried: no token\./)
      match(text, /one visa, good for \d+ s\. No renewal\./)
    },
  },
  {
    title: 'In memory: a replayed renewal ends the family, and the next renewal asks for a sign-in',
    async take(page, { evil }) {
      await press(page, 'Renew')
      await press(page, 'Renew')
      const thief = await page.context().newPage()
      await thief.goto(evil)
      await thief.getByRole('button', { name: 'Replay an old renewal' }).click()
      await thief.getByText('401. It was used before').waitFor()
      await thief.close()
      deepStrictEqual(short(await press(page, 'Renew')), shows('No visa', 'sign_in_required'))
    },
  },
  {
    title: 'Different domains: a hidden frame meets a stranger, the top-level redirect does not',
    async take(page, { app }) {
      await page.goto(`${app}/redirect/`)
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      deepStrictEqual(short(await press(page, 'Ask in a hidden frame')), shows('A stranger', 'login_required'))
      await page.getByRole('button', { name: 'Walk over and back' }).click()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      deepStrictEqual(short(await press(page, 'Show the visa')), shows('200 let in', ''))
    },
  },
  {
    title: 'Different domains: a stolen code is refused without the verifier',
    async take(page) {
      await page.getByRole('button', { name: 'Have the next code stolen' }).click()
      await page.getByText('The thief got nothing').waitFor()
      deepStrictEqual(short(await press(page, 'Show the visa')), shows('200 let in', ''))
    },
  },
  {
    title: 'Guide: sign in, and the guide asks the border',
    async take(page, { bff }) {
      await signIn(page, bff)
      deepStrictEqual(short(await press(page, 'With the visa')), shows('200 let in', ''))
    },
  },
  ...refusals('Guide', [
    'With the passport',
    'A visa for elsewhere',
    'A visa that lacks a stamp',
    'A visa of an hour ago',
  ]),
  {
    title: 'Guide: injected script finds no token',
    async take(page) {
      const { text } = await press(page, 'Inject a script')
      match(text, /The line would have carried: no token\./)
      match(text, /By asking the guide: no token\./)
    },
  },
  {
    title: 'Guide: forged cross-site requests change nothing',
    async take(page, { evil }) {
      const before = (await press(page, 'With the visa')).text
      const thief = await page.context().newPage()
      await thief.goto(evil)
      for (const name of ['Send a form to the guide', 'Order at the guide by script', 'The same, with the header']) {
        await thief.getByRole('button', { name }).click()
        await thief.getByText(`${name}: `).waitFor()
      }
      await thief.close()
      deepStrictEqual((await press(page, 'With the visa')).text, before)
    },
  },
  {
    title: 'Siblings: no image of theirs signs anybody out of the guide',
    async take(page, { careless }) {
      const sibling = await page.context().newPage()
      await sibling.goto(careless)
      await press(sibling, 'Sign out by <img>')
      await sibling.close()
      deepStrictEqual(short(await press(page, 'With the visa')), shows('200 let in', ''))
    },
  },
  {
    title: 'Guide: sign-out ends the session here, in the other tab and at the provider',
    async take(page, { bff }) {
      const other = await page.context().newPage()
      await other.goto(bff)
      await press(other, 'With the visa')
      await signOut(page)
      await other.getByText('Nobody is signed in.').waitFor()
      await other.getByText('The answer will be here.').waitFor()
      await other.close()
      await page.goto(bff)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Sign in as Ada' }).waitFor()
    },
  },
  {
    title: 'In memory: sign-out reaches the other tab',
    async take(page, { app }) {
      await signIn(page, app)
      const other = await page.context().newPage()
      await other.goto(app)
      await press(other, 'Show the visa')
      await signOut(page)
      await other.getByText('Nobody is signed in.').waitFor()
      await other.close()
    },
  },
  {
    title: 'In memory: somebody else who signs in is announced to the other tab',
    async take(page, { app }) {
      await signIn(page, app)
      const other = await page.context().newPage()
      await other.goto(app)
      await other.getByText('Signed in as ada.').waitFor()
      await signOut(page)
      await signIn(page, app, 'Bea')
      await other.getByText('Signed in as bea.').waitFor()
      match((await press(other, 'Show the visa')).text, /a suitcase/)
      await other.close()
      await signOut(page)
    },
  },
  {
    title: 'Plain session: signs in, answers, and ends, without a token',
    async take(page, { plain }) {
      await page.goto(plain)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByText('Signed in as ada.').waitFor()
      deepStrictEqual(short(await press(page, 'Ask for my orders')), shows('200 let in', ''))
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('Nobody is signed in.').waitFor()
    },
  },
  {
    title: 'What not to do: one line takes visa and renewal, and both work elsewhere',
    async take(page, { careless }) {
      await signIn(page, careless)
      match(await readable(page), TOKEN)
      await press(page, 'Write into the guest book')
      await page.getByText('With the stolen visa: 200.').waitFor()
      await page.getByText('With the stolen renewal: 200.').waitFor()
    },
  },
]

/** The same four wrong documents at the border, under the names that a board gives them. */
function refusals(mode: string, names: readonly string[]): readonly Step[] {
  const answers = [
    shows('401 turned back', 'id_token_presented'),
    shows('401 turned back', 'wrong_audience'),
    shows('403 turned back', 'insufficient_scope'),
    shows('401 turned back', 'token_expired'),
  ]
  return names.map((name, index) => ({
    title: `${mode}: ${name.toLowerCase()} is turned back, ${answers[index]?.code ?? ''}`,
    async take(page) {
      deepStrictEqual(short(await press(page, name)), answers[index])
    },
  }))
}

function readable(page: Page): Promise<string> {
  return page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, document.cookie])')
}

/** With a session store that outlives it: the guide is started anew, and nobody is signed out. */
const restart: readonly Step[] = [
  {
    title: 'Guide: a restart with the same Redis signs nobody out',
    async take(page, { bff }, world) {
      await signIn(page, bff)
      await world.restartGuide()
      await page.reload()
      await page.getByText('Signed in as ada.').waitFor()
      deepStrictEqual(short(await press(page, 'With the visa')), shows('200 let in', ''))
    },
  },
]

/** Takes the journey in a Chromium without a window; true if every step was as it should be. */
export async function check(world: World): Promise<boolean> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(`${noChromium}.`)
  const ignoreDefaultArgs = ['--disable-back-forward-cache']
  const browser = await chromium.launch({ ...launchOptions, ignoreDefaultArgs, executablePath })
  try {
    const asExpected = await take(journey, await browser.newContext(), world)
    return (await checkRestart(browser)) && asExpected
  } finally {
    await browser.close()
  }
}

/** In a world of its own, with a Redis of its own, where there is one. */
async function checkRestart(browser: Browser): Promise<boolean> {
  const path = findRedisServer()
  if (path === undefined) {
    console.log('skipped  A restart of the guide: there is no redis-server here')
    return true
  }
  const redis = await startRedisServer(path)
  try {
    const world = await startWorld({ port: 0, redisUrl: redis.url })
    try {
      return await take(restart, await browser.newContext(), world)
    } finally {
      await world.close()
    }
  } finally {
    await redis.stop()
  }
}

async function take(steps: readonly Step[], context: BrowserContext, world: World): Promise<boolean> {
  const page = await context.newPage()
  context.setDefaultTimeout(15_000)
  let asExpected = true
  for (const { title, take: takeStep } of steps) {
    const failure = await takeStep(page, world.origins, world).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    console.log(`${failure === undefined ? 'ok    ' : 'NOT OK'} ${title}`)
    if (failure !== undefined) console.log(failure)
    asExpected &&= failure === undefined
  }
  await context.close()
  return asExpected
}

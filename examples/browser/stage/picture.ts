import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Origins } from './addresses.js'
import { findChromium, launchOptions, noChromium } from './chromium.js'
import { press, signIn } from './visitor.js'

/** Takes the picture in README.md: signed in, and the API has just been shown an ID token. */
export async function takePicture({ app }: Origins): Promise<string> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(`${noChromium}.`)
  const path = fileURLToPath(new URL('../board.png', import.meta.url))
  const browser = await chromium.launch({ ...launchOptions, executablePath })
  try {
    const viewport = { width: 1280, height: 1000 }
    const context = await browser.newContext({ viewport, deviceScaleFactor: 0.85, colorScheme: 'light' })
    const page = await context.newPage()
    await signIn(page, app)
    await press(page, 'Show the visa')
    await press(page, 'Show the passport')
    await page.locator('#messages summary').click()
    await page.locator('#messages pre').waitFor()
    await page.screenshot({ path })
  } finally {
    await browser.close()
  }
  return path
}
